// Original file: proto/tollgate/billing/v1/admin_services.proto


export interface ListAliasesResponse {
  'aliases'?: ({[key: string]: string});
  'nextPageToken'?: (string);
}

export interface ListAliasesResponse__Output {
  'aliases': ({[key: string]: string});
  'nextPageToken': (string);
}
