// Original file: proto/tollgate/billing/v1/admin_services.proto

import type { LedgerHead as _tollgate_billing_v1_LedgerHead, LedgerHead__Output as _tollgate_billing_v1_LedgerHead__Output } from '../../../tollgate/billing/v1/LedgerHead';

export interface ReconcileHeadsRequest {
  /**
   * Up to 1,000; `at` is not looked at.
   */
  'heads'?: (_tollgate_billing_v1_LedgerHead)[];
}

export interface ReconcileHeadsRequest__Output {
  /**
   * Up to 1,000; `at` is not looked at.
   */
  'heads': (_tollgate_billing_v1_LedgerHead__Output)[];
}
