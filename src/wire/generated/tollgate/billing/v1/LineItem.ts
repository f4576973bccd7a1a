// Original file: proto/tollgate/billing/v1/types.proto

import type { Meter as _tollgate_billing_v1_Meter, Meter__Output as _tollgate_billing_v1_Meter__Output } from '../../../tollgate/billing/v1/Meter';
import type { Long } from '@grpc/proto-loader';

/**
 * One line of a cost: units of one meter at one rate.
 */
export interface LineItem {
  'meter'?: (_tollgate_billing_v1_Meter);
  'units'?: (number | string | Long);
  'priceNanousd'?: (number | string | Long);
  'per'?: (number | string | Long);
  /**
   * This line's share of the cost before markup and before the one rounding, as a decimal string.
   */
  'costNanousd'?: (string);
  /**
   * The same after markup.
   */
  'chargedNanousd'?: (string);
}

/**
 * One line of a cost: units of one meter at one rate.
 */
export interface LineItem__Output {
  'meter': (_tollgate_billing_v1_Meter__Output);
  'units': (string);
  'priceNanousd': (string);
  'per': (string);
  /**
   * This line's share of the cost before markup and before the one rounding, as a decimal string.
   */
  'costNanousd': (string);
  /**
   * The same after markup.
   */
  'chargedNanousd': (string);
}
