// Original file: proto/tollgate/billing/v1/admin_services.proto

import type { Price as _tollgate_billing_v1_Price, Price__Output as _tollgate_billing_v1_Price__Output } from '../../../tollgate/billing/v1/Price';
import type { PriceChangeState as _tollgate_billing_v1_PriceChangeState, PriceChangeState__Output as _tollgate_billing_v1_PriceChangeState__Output } from '../../../tollgate/billing/v1/PriceChangeState';
import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp';

export interface PriceChange {
  'changeId'?: (string);
  'before'?: (_tollgate_billing_v1_Price | null);
  'after'?: (_tollgate_billing_v1_Price | null);
  'state'?: (_tollgate_billing_v1_PriceChangeState);
  /**
   * Why it was held back.
   */
  'reason'?: (string);
  'seenAt'?: (_google_protobuf_Timestamp | null);
  /**
   * Who approved or rejected it, or whose list applied it; `tollgate` for the live feed. Empty while it is held back.
   */
  'actor'?: (string);
}

export interface PriceChange__Output {
  'changeId': (string);
  'before': (_tollgate_billing_v1_Price__Output | null);
  'after': (_tollgate_billing_v1_Price__Output | null);
  'state': (_tollgate_billing_v1_PriceChangeState__Output);
  /**
   * Why it was held back.
   */
  'reason': (string);
  'seenAt': (_google_protobuf_Timestamp__Output | null);
  /**
   * Who approved or rejected it, or whose list applied it; `tollgate` for the live feed. Empty while it is held back.
   */
  'actor': (string);
}
