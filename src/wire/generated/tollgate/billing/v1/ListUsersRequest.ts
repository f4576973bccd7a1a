// Original file: proto/tollgate/billing/v1/admin_services.proto


export interface ListUsersRequest {
  'userIdPrefix'?: (string);
  'pageSize'?: (number);
  'pageToken'?: (string);
}

export interface ListUsersRequest__Output {
  'userIdPrefix': (string);
  'pageSize': (number);
  'pageToken': (string);
}
