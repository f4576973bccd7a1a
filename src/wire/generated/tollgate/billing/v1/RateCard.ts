// Original file: proto/tollgate/billing/v1/types.proto

import type { Rate as _tollgate_billing_v1_Rate, Rate__Output as _tollgate_billing_v1_Rate__Output } from '../../../tollgate/billing/v1/Rate';
import type { Long } from '@grpc/proto-loader';

/**
 * Rates that apply to a whole request when every condition set here holds.
 */
export interface RateCard {
  /**
   * Holds when input_tokens is greater than this; 0 = no condition.
   */
  'aboveInputTokens'?: (number | string | Long);
  /**
   * Holds when the request's service tier equals this (priority, flex, batch); empty = no condition.
   */
  'serviceTier'?: (string);
  /**
   * Holds from this time of day, "HH:MM" UTC, until daily_to_utc; empty = no condition. May wrap midnight.
   */
  'dailyFromUtc'?: (string);
  'dailyToUtc'?: (string);
  'rates'?: (_tollgate_billing_v1_Rate)[];
  /**
   * Holds on these days of the week, 1 = Monday to 7 = Sunday, of the moment in UTC; empty = every day.
   */
  'weekdaysUtc'?: (number)[];
  /**
   * Hold when the call was served there (us), or at that speed (fast), as the provider states them; empty = no condition.
   */
  'geography'?: (string);
  'speed'?: (string);
}

/**
 * Rates that apply to a whole request when every condition set here holds.
 */
export interface RateCard__Output {
  /**
   * Holds when input_tokens is greater than this; 0 = no condition.
   */
  'aboveInputTokens': (string);
  /**
   * Holds when the request's service tier equals this (priority, flex, batch); empty = no condition.
   */
  'serviceTier': (string);
  /**
   * Holds from this time of day, "HH:MM" UTC, until daily_to_utc; empty = no condition. May wrap midnight.
   */
  'dailyFromUtc': (string);
  'dailyToUtc': (string);
  'rates': (_tollgate_billing_v1_Rate__Output)[];
  /**
   * Holds on these days of the week, 1 = Monday to 7 = Sunday, of the moment in UTC; empty = every day.
   */
  'weekdaysUtc': (number)[];
  /**
   * Hold when the call was served there (us), or at that speed (fast), as the provider states them; empty = no condition.
   */
  'geography': (string);
  'speed': (string);
}
