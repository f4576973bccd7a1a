// Original file: proto/tollgate/billing/v1/admin_services.proto


export interface GetUserRequest {
  'userId'?: (string);
}

export interface GetUserRequest__Output {
  'userId': (string);
}
