// Original file: proto/tollgate/billing/v1/types.proto

/**
 * What can be priced. A meter without a rate of its own takes its parent's in the same card: a
 * cached audio or image read that of a cache read, a 1h cache write that of a cache write, every
 * other part of the input or output that of INPUT_TOKENS or OUTPUT_TOKENS. REQUESTS and
 * WEB_SEARCHES have no parent and cost nothing without a rate. A token meter that was used and
 * has neither a rate nor a parent with one is MODEL_PRICE_MISSING, never free.
 */
export const Meter = {
  METER_UNSPECIFIED: 'METER_UNSPECIFIED',
  METER_INPUT_TOKENS: 'METER_INPUT_TOKENS',
  METER_OUTPUT_TOKENS: 'METER_OUTPUT_TOKENS',
  METER_CACHE_READ_INPUT_TOKENS: 'METER_CACHE_READ_INPUT_TOKENS',
  METER_CACHE_CREATION_INPUT_TOKENS: 'METER_CACHE_CREATION_INPUT_TOKENS',
  METER_CACHE_CREATION_1H_INPUT_TOKENS: 'METER_CACHE_CREATION_1H_INPUT_TOKENS',
  METER_REASONING_OUTPUT_TOKENS: 'METER_REASONING_OUTPUT_TOKENS',
  METER_AUDIO_INPUT_TOKENS: 'METER_AUDIO_INPUT_TOKENS',
  METER_AUDIO_CACHE_READ_INPUT_TOKENS: 'METER_AUDIO_CACHE_READ_INPUT_TOKENS',
  METER_AUDIO_OUTPUT_TOKENS: 'METER_AUDIO_OUTPUT_TOKENS',
  METER_IMAGE_INPUT_TOKENS: 'METER_IMAGE_INPUT_TOKENS',
  METER_IMAGE_OUTPUT_TOKENS: 'METER_IMAGE_OUTPUT_TOKENS',
  METER_WEB_SEARCHES: 'METER_WEB_SEARCHES',
  METER_REQUESTS: 'METER_REQUESTS',
  METER_CITATION_OUTPUT_TOKENS: 'METER_CITATION_OUTPUT_TOKENS',
  METER_IMAGE_CACHE_READ_INPUT_TOKENS: 'METER_IMAGE_CACHE_READ_INPUT_TOKENS',
} as const;

/**
 * What can be priced. A meter without a rate of its own takes its parent's in the same card: a
 * cached audio or image read that of a cache read, a 1h cache write that of a cache write, every
 * other part of the input or output that of INPUT_TOKENS or OUTPUT_TOKENS. REQUESTS and
 * WEB_SEARCHES have no parent and cost nothing without a rate. A token meter that was used and
 * has neither a rate nor a parent with one is MODEL_PRICE_MISSING, never free.
 */
export type Meter =
  | 'METER_UNSPECIFIED'
  | 0
  | 'METER_INPUT_TOKENS'
  | 1
  | 'METER_OUTPUT_TOKENS'
  | 2
  | 'METER_CACHE_READ_INPUT_TOKENS'
  | 3
  | 'METER_CACHE_CREATION_INPUT_TOKENS'
  | 4
  | 'METER_CACHE_CREATION_1H_INPUT_TOKENS'
  | 5
  | 'METER_REASONING_OUTPUT_TOKENS'
  | 6
  | 'METER_AUDIO_INPUT_TOKENS'
  | 7
  | 'METER_AUDIO_CACHE_READ_INPUT_TOKENS'
  | 8
  | 'METER_AUDIO_OUTPUT_TOKENS'
  | 9
  | 'METER_IMAGE_INPUT_TOKENS'
  | 10
  | 'METER_IMAGE_OUTPUT_TOKENS'
  | 11
  | 'METER_WEB_SEARCHES'
  | 12
  | 'METER_REQUESTS'
  | 13
  | 'METER_CITATION_OUTPUT_TOKENS'
  | 14
  | 'METER_IMAGE_CACHE_READ_INPUT_TOKENS'
  | 15

/**
 * What can be priced. A meter without a rate of its own takes its parent's in the same card: a
 * cached audio or image read that of a cache read, a 1h cache write that of a cache write, every
 * other part of the input or output that of INPUT_TOKENS or OUTPUT_TOKENS. REQUESTS and
 * WEB_SEARCHES have no parent and cost nothing without a rate. A token meter that was used and
 * has neither a rate nor a parent with one is MODEL_PRICE_MISSING, never free.
 */
export type Meter__Output = typeof Meter[keyof typeof Meter]
