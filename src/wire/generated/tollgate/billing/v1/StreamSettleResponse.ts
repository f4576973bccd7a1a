// Original file: proto/tollgate/billing/v1/billing_service.proto

import type { StreamGrant as _tollgate_billing_v1_StreamGrant, StreamGrant__Output as _tollgate_billing_v1_StreamGrant__Output } from '../../../tollgate/billing/v1/StreamGrant';
import type { StreamAck as _tollgate_billing_v1_StreamAck, StreamAck__Output as _tollgate_billing_v1_StreamAck__Output } from '../../../tollgate/billing/v1/StreamAck';
import type { StreamDrain as _tollgate_billing_v1_StreamDrain, StreamDrain__Output as _tollgate_billing_v1_StreamDrain__Output } from '../../../tollgate/billing/v1/StreamDrain';
import type { StreamSettled as _tollgate_billing_v1_StreamSettled, StreamSettled__Output as _tollgate_billing_v1_StreamSettled__Output } from '../../../tollgate/billing/v1/StreamSettled';

export interface StreamSettleResponse {
  'grant'?: (_tollgate_billing_v1_StreamGrant | null);
  'ack'?: (_tollgate_billing_v1_StreamAck | null);
  'drain'?: (_tollgate_billing_v1_StreamDrain | null);
  'settled'?: (_tollgate_billing_v1_StreamSettled | null);
  'event'?: "grant"|"ack"|"drain"|"settled";
}

export interface StreamSettleResponse__Output {
  'grant'?: (_tollgate_billing_v1_StreamGrant__Output | null);
  'ack'?: (_tollgate_billing_v1_StreamAck__Output | null);
  'drain'?: (_tollgate_billing_v1_StreamDrain__Output | null);
  'settled'?: (_tollgate_billing_v1_StreamSettled__Output | null);
  'event'?: "grant"|"ack"|"drain"|"settled";
}
