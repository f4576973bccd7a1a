// Original file: proto/tollgate/billing/v1/admin_services.proto


export interface ListLedgerHeadsRequest {
  'userIdPrefix'?: (string);
  'pageSize'?: (number);
  'pageToken'?: (string);
}

export interface ListLedgerHeadsRequest__Output {
  'userIdPrefix': (string);
  'pageSize': (number);
  'pageToken': (string);
}
