// Original file: proto/tollgate/billing/v1/admin_services.proto


export interface RetryDeductionFailureRequest {
  'failureId'?: (string);
  'userId'?: (string);
}

export interface RetryDeductionFailureRequest__Output {
  'failureId': (string);
  'userId': (string);
}
