// Original file: proto/tollgate/billing/v1/admin_services.proto


export interface DecidePriceChangeRequest {
  'changeId'?: (string);
  'approve'?: (boolean);
}

export interface DecidePriceChangeRequest__Output {
  'changeId': (string);
  'approve': (boolean);
}
