// Original file: proto/tollgate/billing/v1/admin_services.proto

import type { FailureState as _tollgate_billing_v1_FailureState, FailureState__Output as _tollgate_billing_v1_FailureState__Output } from '../../../tollgate/billing/v1/FailureState';

export interface ListDeductionFailuresRequest {
  'state'?: (_tollgate_billing_v1_FailureState);
  'userId'?: (string);
  'pageSize'?: (number);
  'pageToken'?: (string);
}

export interface ListDeductionFailuresRequest__Output {
  'state': (_tollgate_billing_v1_FailureState__Output);
  'userId': (string);
  'pageSize': (number);
  'pageToken': (string);
}
