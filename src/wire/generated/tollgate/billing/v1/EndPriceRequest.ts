// Original file: proto/tollgate/billing/v1/admin_services.proto


export interface EndPriceRequest {
  'model'?: (string);
  'provider'?: (string);
}

export interface EndPriceRequest__Output {
  'model': (string);
  'provider': (string);
}
