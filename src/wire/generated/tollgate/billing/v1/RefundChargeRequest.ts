// Original file: proto/tollgate/billing/v1/admin_services.proto

import type { Long } from '@grpc/proto-loader';

export interface RefundChargeRequest {
  'idempotencyKey'?: (string);
  'userId'?: (string);
  'chargeId'?: (string);
  /**
   * 0 = all that has not been refunded yet.
   */
  'amountNanousd'?: (number | string | Long);
  'reason'?: (string);
}

export interface RefundChargeRequest__Output {
  'idempotencyKey': (string);
  'userId': (string);
  'chargeId': (string);
  /**
   * 0 = all that has not been refunded yet.
   */
  'amountNanousd': (string);
  'reason': (string);
}
