// Original file: proto/tollgate/billing/v1/billing_service.proto

import type { StreamOpen as _tollgate_billing_v1_StreamOpen, StreamOpen__Output as _tollgate_billing_v1_StreamOpen__Output } from '../../../tollgate/billing/v1/StreamOpen';
import type { StreamProgress as _tollgate_billing_v1_StreamProgress, StreamProgress__Output as _tollgate_billing_v1_StreamProgress__Output } from '../../../tollgate/billing/v1/StreamProgress';
import type { StreamClose as _tollgate_billing_v1_StreamClose, StreamClose__Output as _tollgate_billing_v1_StreamClose__Output } from '../../../tollgate/billing/v1/StreamClose';

export interface StreamSettleRequest {
  'open'?: (_tollgate_billing_v1_StreamOpen | null);
  'progress'?: (_tollgate_billing_v1_StreamProgress | null);
  'close'?: (_tollgate_billing_v1_StreamClose | null);
  'event'?: "open"|"progress"|"close";
}

export interface StreamSettleRequest__Output {
  'open'?: (_tollgate_billing_v1_StreamOpen__Output | null);
  'progress'?: (_tollgate_billing_v1_StreamProgress__Output | null);
  'close'?: (_tollgate_billing_v1_StreamClose__Output | null);
  'event'?: "open"|"progress"|"close";
}
