// Original file: proto/tollgate/billing/v1/admin_services.proto

import type { Usage as _tollgate_billing_v1_Usage, Usage__Output as _tollgate_billing_v1_Usage__Output } from '../../../tollgate/billing/v1/Usage';
import type { ProviderUsage as _tollgate_billing_v1_ProviderUsage, ProviderUsage__Output as _tollgate_billing_v1_ProviderUsage__Output } from '../../../tollgate/billing/v1/ProviderUsage';

export interface RetryDeductionFailureRequest {
  'failureId'?: (string);
  'userId'?: (string);
  'usage'?: (_tollgate_billing_v1_Usage | null);
  'providerUsage'?: (_tollgate_billing_v1_ProviderUsage | null);
  /**
   * What the call used, where what was reported can't be charged. Only while no amount is known (amount_nanousd is 0).
   * A call that has been deducted with another usage is ALREADY_DECIDED.
   */
  'corrected'?: "usage"|"providerUsage";
}

export interface RetryDeductionFailureRequest__Output {
  'failureId': (string);
  'userId': (string);
  'usage'?: (_tollgate_billing_v1_Usage__Output | null);
  'providerUsage'?: (_tollgate_billing_v1_ProviderUsage__Output | null);
  /**
   * What the call used, where what was reported can't be charged. Only while no amount is known (amount_nanousd is 0).
   * A call that has been deducted with another usage is ALREADY_DECIDED.
   */
  'corrected'?: "usage"|"providerUsage";
}
