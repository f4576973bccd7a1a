// Original file: proto/tollgate/billing/v1/types.proto

import type { Meter as _tollgate_billing_v1_Meter, Meter__Output as _tollgate_billing_v1_Meter__Output } from '../../../tollgate/billing/v1/Meter';
import type { Long } from '@grpc/proto-loader';

/**
 * The price of one meter.
 */
export interface Rate {
  'meter'?: (_tollgate_billing_v1_Meter);
  /**
   * Nano-US-dollars for `per` units of the meter.
   */
  'priceNanousd'?: (number | string | Long);
  /**
   * 1_000_000 for token meters, 1 for WEB_SEARCHES and REQUESTS.
   */
  'per'?: (number | string | Long);
}

/**
 * The price of one meter.
 */
export interface Rate__Output {
  'meter': (_tollgate_billing_v1_Meter__Output);
  /**
   * Nano-US-dollars for `per` units of the meter.
   */
  'priceNanousd': (string);
  /**
   * 1_000_000 for token meters, 1 for WEB_SEARCHES and REQUESTS.
   */
  'per': (string);
}
