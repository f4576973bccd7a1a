// Original file: proto/tollgate/billing/v1/admin_services.proto


export interface WriteOffDeductionFailureRequest {
  'failureId'?: (string);
  'note'?: (string);
  'userId'?: (string);
}

export interface WriteOffDeductionFailureRequest__Output {
  'failureId': (string);
  'note': (string);
  'userId': (string);
}
