// Original file: proto/tollgate/billing/v1/admin_services.proto

import type { DeductionFailure as _tollgate_billing_v1_DeductionFailure, DeductionFailure__Output as _tollgate_billing_v1_DeductionFailure__Output } from '../../../tollgate/billing/v1/DeductionFailure';

export interface RetryDeductionFailureResponse {
  'failure'?: (_tollgate_billing_v1_DeductionFailure | null);
}

export interface RetryDeductionFailureResponse__Output {
  'failure': (_tollgate_billing_v1_DeductionFailure__Output | null);
}
