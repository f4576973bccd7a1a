// Original file: proto/tollgate/billing/v1/billing_service.proto

import type { Long } from '@grpc/proto-loader';

/**
 * Sent once progress up to `sequence` is recorded in the database.
 */
export interface StreamAck {
  'sequence'?: (number | string | Long);
  'costNanousd'?: (number | string | Long);
}

/**
 * Sent once progress up to `sequence` is recorded in the database.
 */
export interface StreamAck__Output {
  'sequence': (string);
  'costNanousd': (string);
}
