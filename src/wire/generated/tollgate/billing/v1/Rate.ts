// Original file: proto/tollgate/billing/v1/types.proto

import type { Meter as _tollgate_billing_v1_Meter, Meter__Output as _tollgate_billing_v1_Meter__Output } from '../../../tollgate/billing/v1/Meter';
import type { Long } from '@grpc/proto-loader';

/**
 * The price of one meter, or of one named unit.
 */
export interface Rate {
  'meter'?: (_tollgate_billing_v1_Meter);
  /**
   * Nano-US-dollars for `per` units.
   */
  'priceNanousd'?: (number | string | Long);
  /**
   * 1_000_000 for token meters, 1 for WEB_SEARCHES and REQUESTS. For a named unit a power of ten
   * from 1 to 1_000_000.
   */
  'per'?: (number | string | Long);
  /**
   * Set instead of `meter`: a name of Usage.units. `image/*` prices every qualified image that has
   * no rate of its own; `image` alone prices only images without a qualifier.
   */
  'unit'?: (string);
}

/**
 * The price of one meter, or of one named unit.
 */
export interface Rate__Output {
  'meter': (_tollgate_billing_v1_Meter__Output);
  /**
   * Nano-US-dollars for `per` units.
   */
  'priceNanousd': (string);
  /**
   * 1_000_000 for token meters, 1 for WEB_SEARCHES and REQUESTS. For a named unit a power of ten
   * from 1 to 1_000_000.
   */
  'per': (string);
  /**
   * Set instead of `meter`: a name of Usage.units. `image/*` prices every qualified image that has
   * no rate of its own; `image` alone prices only images without a qualifier.
   */
  'unit': (string);
}
