// Original file: proto/tollgate/billing/v1/billing_service.proto

import type { Charge as _tollgate_billing_v1_Charge, Charge__Output as _tollgate_billing_v1_Charge__Output } from '../../../tollgate/billing/v1/Charge';
import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp';
import type { Long } from '@grpc/proto-loader';

export interface StreamSettled {
  'charge'?: (_tollgate_billing_v1_Charge | null);
  'replayed'?: (boolean);
  /**
   * What the hold still covered and was given back.
   */
  'releasedNanousd'?: (number | string | Long);
  /**
   * Part of the cost that the user's balance could not pay; recorded as a deduction failure.
   */
  'shortfallNanousd'?: (number | string | Long);
  /**
   * Set when the stream was settled by expiry: until then one StreamClose may still be sent on this
   * call, and its difference is posted as an adjustment.
   */
  'amendableUntil'?: (_google_protobuf_Timestamp | null);
}

export interface StreamSettled__Output {
  'charge': (_tollgate_billing_v1_Charge__Output | null);
  'replayed': (boolean);
  /**
   * What the hold still covered and was given back.
   */
  'releasedNanousd': (string);
  /**
   * Part of the cost that the user's balance could not pay; recorded as a deduction failure.
   */
  'shortfallNanousd': (string);
  /**
   * Set when the stream was settled by expiry: until then one StreamClose may still be sent on this
   * call, and its difference is posted as an adjustment.
   */
  'amendableUntil': (_google_protobuf_Timestamp__Output | null);
}
