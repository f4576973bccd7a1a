// Original file: proto/tollgate/billing/v1/admin_services.proto

import type { Usage as _tollgate_billing_v1_Usage, Usage__Output as _tollgate_billing_v1_Usage__Output } from '../../../tollgate/billing/v1/Usage';

export interface SettleHoldRequest {
  'userId'?: (string);
  'holdId'?: (string);
  /**
   * Absent = the last recorded progress.
   */
  'usage'?: (_tollgate_billing_v1_Usage | null);
}

export interface SettleHoldRequest__Output {
  'userId': (string);
  'holdId': (string);
  /**
   * Absent = the last recorded progress.
   */
  'usage': (_tollgate_billing_v1_Usage__Output | null);
}
