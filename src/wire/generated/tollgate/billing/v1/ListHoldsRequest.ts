// Original file: proto/tollgate/billing/v1/admin_services.proto


export interface ListHoldsRequest {
  'userId'?: (string);
  'pageSize'?: (number);
  'pageToken'?: (string);
}

export interface ListHoldsRequest__Output {
  'userId': (string);
  'pageSize': (number);
  'pageToken': (string);
}
