// Original file: proto/tollgate/billing/v1/admin_services.proto


export interface ListPricesRequest {
  'modelPrefix'?: (string);
  'pageSize'?: (number);
  'pageToken'?: (string);
}

export interface ListPricesRequest__Output {
  'modelPrefix': (string);
  'pageSize': (number);
  'pageToken': (string);
}
