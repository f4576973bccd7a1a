// Original file: proto/tollgate/billing/v1/billing_service.proto


export interface GetChargeRequest {
  'userId'?: (string);
  'chargeId'?: (string);
  'idempotencyKey'?: (string);
  'by'?: "chargeId"|"idempotencyKey";
}

export interface GetChargeRequest__Output {
  'userId': (string);
  'chargeId'?: (string);
  'idempotencyKey'?: (string);
  'by'?: "chargeId"|"idempotencyKey";
}
