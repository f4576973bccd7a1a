// Original file: proto/tollgate/billing/v1/billing_service.proto

import type { StreamPart as _tollgate_billing_v1_StreamPart, StreamPart__Output as _tollgate_billing_v1_StreamPart__Output } from '../../../tollgate/billing/v1/StreamPart';
import type { StreamEnd as _tollgate_billing_v1_StreamEnd, StreamEnd__Output as _tollgate_billing_v1_StreamEnd__Output } from '../../../tollgate/billing/v1/StreamEnd';

export interface ReportPartsRequest {
  'userId'?: (string);
  'idempotencyKey'?: (string);
  'holdId'?: (string);
  /**
   * At most 1,000, and at most 1,000 of one stream.
   */
  'parts'?: (_tollgate_billing_v1_StreamPart)[];
  /**
   * Settles the stream after these parts, once. The same request again returns the receipt.
   */
  'close'?: (boolean);
  'end'?: (_tollgate_billing_v1_StreamEnd);
  /**
   * The stream: its own key, or its hold.
   */
  'stream'?: "idempotencyKey"|"holdId";
}

export interface ReportPartsRequest__Output {
  'userId': (string);
  'idempotencyKey'?: (string);
  'holdId'?: (string);
  /**
   * At most 1,000, and at most 1,000 of one stream.
   */
  'parts': (_tollgate_billing_v1_StreamPart__Output)[];
  /**
   * Settles the stream after these parts, once. The same request again returns the receipt.
   */
  'close': (boolean);
  'end': (_tollgate_billing_v1_StreamEnd__Output);
  /**
   * The stream: its own key, or its hold.
   */
  'stream'?: "idempotencyKey"|"holdId";
}
