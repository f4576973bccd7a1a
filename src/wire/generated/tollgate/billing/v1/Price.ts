// Original file: proto/tollgate/billing/v1/types.proto

import type { PriceSource as _tollgate_billing_v1_PriceSource, PriceSource__Output as _tollgate_billing_v1_PriceSource__Output } from '../../../tollgate/billing/v1/PriceSource';
import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp';
import type { RateCard as _tollgate_billing_v1_RateCard, RateCard__Output as _tollgate_billing_v1_RateCard__Output } from '../../../tollgate/billing/v1/RateCard';

/**
 * One immutable version of a model's price.
 */
export interface Price {
  /**
   * Names this version; a charge stores it, so the charge can be re-rated for ever.
   */
  'priceId'?: (string);
  /**
   * Canonical model id.
   */
  'model'?: (string);
  /**
   * Provider the price belongs to; empty = any provider.
   */
  'provider'?: (string);
  /**
   * Where the price came from.
   */
  'source'?: (_tollgate_billing_v1_PriceSource);
  'effectiveFrom'?: (_google_protobuf_Timestamp | null);
  /**
   * Absent while the price is in force.
   */
  'effectiveTo'?: (_google_protobuf_Timestamp | null);
  /**
   * The first card whose conditions hold prices the whole request. A card without conditions stands
   * last and is required; a card that can never match is refused.
   */
  'rateCards'?: (_tollgate_billing_v1_RateCard)[];
  /**
   * Added to the cost, in hundredths of a percent; pinned with this version.
   */
  'markupBasisPoints'?: (number);
  /**
   * Name of the token that put or imported it; `tollgate` for the catalog, the default price and the live feed. Empty = an earlier
   * release wrote it, or the server ran without tokens.
   */
  'actor'?: (string);
  /**
   * Who ended it, where it was ended before another time that was set in advance.
   */
  'endedBy'?: (string);
}

/**
 * One immutable version of a model's price.
 */
export interface Price__Output {
  /**
   * Names this version; a charge stores it, so the charge can be re-rated for ever.
   */
  'priceId': (string);
  /**
   * Canonical model id.
   */
  'model': (string);
  /**
   * Provider the price belongs to; empty = any provider.
   */
  'provider': (string);
  /**
   * Where the price came from.
   */
  'source': (_tollgate_billing_v1_PriceSource__Output);
  'effectiveFrom': (_google_protobuf_Timestamp__Output | null);
  /**
   * Absent while the price is in force.
   */
  'effectiveTo': (_google_protobuf_Timestamp__Output | null);
  /**
   * The first card whose conditions hold prices the whole request. A card without conditions stands
   * last and is required; a card that can never match is refused.
   */
  'rateCards': (_tollgate_billing_v1_RateCard__Output)[];
  /**
   * Added to the cost, in hundredths of a percent; pinned with this version.
   */
  'markupBasisPoints': (number);
  /**
   * Name of the token that put or imported it; `tollgate` for the catalog, the default price and the live feed. Empty = an earlier
   * release wrote it, or the server ran without tokens.
   */
  'actor': (string);
  /**
   * Who ended it, where it was ended before another time that was set in advance.
   */
  'endedBy': (string);
}
