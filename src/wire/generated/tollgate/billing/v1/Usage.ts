// Original file: proto/tollgate/billing/v1/types.proto

import type { Long } from '@grpc/proto-loader';

/**
 * What one model call consumed. Counts follow the OpenTelemetry GenAI conventions:
 * input_tokens and output_tokens are totals, and every other token field is a part
 * of one of them. Refused as impossible (INVALID_ARGUMENT): a part above its total, cache
 * reads plus cache writes above the input, parts of the output that add up to more than it.
 * Modality parts may overlap cache parts: the cache comes off the input first, and a modality's
 * fresh share is what it declares less its cached share, at most what is left of the input.
 */
export interface Usage {
  /**
   * All prompt tokens: fresh, cached, audio and image together.
   */
  'inputTokens'?: (number | string | Long);
  /**
   * All completion tokens: visible text, reasoning, audio and image together.
   */
  'outputTokens'?: (number | string | Long);
  /**
   * Part of input_tokens served from the provider's prompt cache.
   */
  'cacheReadInputTokens'?: (number | string | Long);
  /**
   * Part of input_tokens written to the prompt cache, any time to live.
   */
  'cacheCreationInputTokens'?: (number | string | Long);
  /**
   * Part of cache_creation_input_tokens written with a one-hour time to live.
   */
  'cacheCreation_1hInputTokens'?: (number | string | Long);
  /**
   * Part of output_tokens spent on reasoning.
   */
  'reasoningOutputTokens'?: (number | string | Long);
  /**
   * Part of input_tokens that is audio.
   */
  'audioInputTokens'?: (number | string | Long);
  /**
   * Part of audio_input_tokens (and of cache_read_input_tokens) served from the cache.
   */
  'audioCacheReadInputTokens'?: (number | string | Long);
  /**
   * Part of output_tokens that is audio.
   */
  'audioOutputTokens'?: (number | string | Long);
  /**
   * Part of input_tokens that is image.
   */
  'imageInputTokens'?: (number | string | Long);
  /**
   * Part of output_tokens that is image.
   */
  'imageOutputTokens'?: (number | string | Long);
  /**
   * Web searches the provider ran for this call.
   */
  'webSearches'?: (number | string | Long);
  /**
   * Calls made. Absent = 1, but 0 where every other count is 0. Priced only where the price has a per-request rate.
   */
  'requests'?: (number | string | Long);
  /**
   * Part of output_tokens that is citations.
   */
  'citationOutputTokens'?: (number | string | Long);
  /**
   * Part of image_input_tokens (and of cache_read_input_tokens) served from the cache.
   */
  'imageCacheReadInputTokens'?: (number | string | Long);
  /**
   * What is billed by other units: the name of a unit to its count, a decimal number with up to six
   * places, such as {"audio_second": "12.5", "image/hd": "2"}. At most 32. A name has lower-case
   * letters, digits and _, and may have qualifiers after slashes. Each unit needs a rate of its own
   * name; a unit without one is MODEL_PRICE_MISSING. docs/pricing.md lists the usual names. Two of
   * them are parts of the totals: video_token of input_tokens, video_output_token of output_tokens.
   */
  'units'?: ({[key: string]: string});
  '_requests'?: "requests";
}

/**
 * What one model call consumed. Counts follow the OpenTelemetry GenAI conventions:
 * input_tokens and output_tokens are totals, and every other token field is a part
 * of one of them. Refused as impossible (INVALID_ARGUMENT): a part above its total, cache
 * reads plus cache writes above the input, parts of the output that add up to more than it.
 * Modality parts may overlap cache parts: the cache comes off the input first, and a modality's
 * fresh share is what it declares less its cached share, at most what is left of the input.
 */
export interface Usage__Output {
  /**
   * All prompt tokens: fresh, cached, audio and image together.
   */
  'inputTokens': (string);
  /**
   * All completion tokens: visible text, reasoning, audio and image together.
   */
  'outputTokens': (string);
  /**
   * Part of input_tokens served from the provider's prompt cache.
   */
  'cacheReadInputTokens': (string);
  /**
   * Part of input_tokens written to the prompt cache, any time to live.
   */
  'cacheCreationInputTokens': (string);
  /**
   * Part of cache_creation_input_tokens written with a one-hour time to live.
   */
  'cacheCreation_1hInputTokens': (string);
  /**
   * Part of output_tokens spent on reasoning.
   */
  'reasoningOutputTokens': (string);
  /**
   * Part of input_tokens that is audio.
   */
  'audioInputTokens': (string);
  /**
   * Part of audio_input_tokens (and of cache_read_input_tokens) served from the cache.
   */
  'audioCacheReadInputTokens': (string);
  /**
   * Part of output_tokens that is audio.
   */
  'audioOutputTokens': (string);
  /**
   * Part of input_tokens that is image.
   */
  'imageInputTokens': (string);
  /**
   * Part of output_tokens that is image.
   */
  'imageOutputTokens': (string);
  /**
   * Web searches the provider ran for this call.
   */
  'webSearches': (string);
  /**
   * Calls made. Absent = 1, but 0 where every other count is 0. Priced only where the price has a per-request rate.
   */
  'requests'?: (string);
  /**
   * Part of output_tokens that is citations.
   */
  'citationOutputTokens': (string);
  /**
   * Part of image_input_tokens (and of cache_read_input_tokens) served from the cache.
   */
  'imageCacheReadInputTokens': (string);
  /**
   * What is billed by other units: the name of a unit to its count, a decimal number with up to six
   * places, such as {"audio_second": "12.5", "image/hd": "2"}. At most 32. A name has lower-case
   * letters, digits and _, and may have qualifiers after slashes. Each unit needs a rate of its own
   * name; a unit without one is MODEL_PRICE_MISSING. docs/pricing.md lists the usual names. Two of
   * them are parts of the totals: video_token of input_tokens, video_output_token of output_tokens.
   */
  'units': ({[key: string]: string});
  '_requests'?: "requests";
}
