// Original file: proto/tollgate/billing/v1/admin_services.proto


export interface ListAliasesRequest {
  'pageSize'?: (number);
  'pageToken'?: (string);
}

export interface ListAliasesRequest__Output {
  'pageSize': (number);
  'pageToken': (string);
}
