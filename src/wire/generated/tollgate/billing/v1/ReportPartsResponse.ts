// Original file: proto/tollgate/billing/v1/billing_service.proto

import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp';
import type { StreamSettled as _tollgate_billing_v1_StreamSettled, StreamSettled__Output as _tollgate_billing_v1_StreamSettled__Output } from '../../../tollgate/billing/v1/StreamSettled';
import type { Long } from '@grpc/proto-loader';

export interface ReportPartsResponse {
  'holdId'?: (string);
  /**
   * What all parts so far cost, markup included.
   */
  'costNanousd'?: (number | string | Long);
  'heldNanousd'?: (number | string | Long);
  'parts'?: (number);
  /**
   * Without a further report, the hold expires then, and the parts so far are settled.
   */
  'expiresAt'?: (_google_protobuf_Timestamp | null);
  /**
   * Set where the stream is settled, by this request or before it.
   */
  'settled'?: (_tollgate_billing_v1_StreamSettled | null);
}

export interface ReportPartsResponse__Output {
  'holdId': (string);
  /**
   * What all parts so far cost, markup included.
   */
  'costNanousd': (string);
  'heldNanousd': (string);
  'parts': (number);
  /**
   * Without a further report, the hold expires then, and the parts so far are settled.
   */
  'expiresAt': (_google_protobuf_Timestamp__Output | null);
  /**
   * Set where the stream is settled, by this request or before it.
   */
  'settled': (_tollgate_billing_v1_StreamSettled__Output | null);
}
