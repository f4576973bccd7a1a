// Original file: proto/tollgate/billing/v1/admin_services.proto

import type { DeductionFailure as _tollgate_billing_v1_DeductionFailure, DeductionFailure__Output as _tollgate_billing_v1_DeductionFailure__Output } from '../../../tollgate/billing/v1/DeductionFailure';

export interface ListDeductionFailuresResponse {
  'failures'?: (_tollgate_billing_v1_DeductionFailure)[];
  'nextPageToken'?: (string);
}

export interface ListDeductionFailuresResponse__Output {
  'failures': (_tollgate_billing_v1_DeductionFailure__Output)[];
  'nextPageToken': (string);
}
