// Original file: proto/tollgate/billing/v1/types.proto

import type { Meter as _tollgate_billing_v1_Meter, Meter__Output as _tollgate_billing_v1_Meter__Output } from '../../../tollgate/billing/v1/Meter';
import type { Long } from '@grpc/proto-loader';

/**
 * One line of a cost: units of one meter, or of one named unit, at one rate.
 */
export interface LineItem {
  /**
   * Unspecified where `unit` is set.
   */
  'meter'?: (_tollgate_billing_v1_Meter);
  /**
   * Of a meter; 0 where `unit` is set.
   */
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
  /**
   * Set instead of `meter`: the unit as the usage names it, and its count as a decimal string.
   */
  'unit'?: (string);
  'unitCount'?: (string);
  /**
   * Where several models served a stream: at whose price this line is.
   */
  'model'?: (string);
  'provider'?: (string);
}

/**
 * One line of a cost: units of one meter, or of one named unit, at one rate.
 */
export interface LineItem__Output {
  /**
   * Unspecified where `unit` is set.
   */
  'meter': (_tollgate_billing_v1_Meter__Output);
  /**
   * Of a meter; 0 where `unit` is set.
   */
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
  /**
   * Set instead of `meter`: the unit as the usage names it, and its count as a decimal string.
   */
  'unit': (string);
  'unitCount': (string);
  /**
   * Where several models served a stream: at whose price this line is.
   */
  'model': (string);
  'provider': (string);
}
