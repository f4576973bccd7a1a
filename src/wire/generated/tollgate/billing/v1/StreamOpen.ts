// Original file: proto/tollgate/billing/v1/billing_service.proto

import type { Long } from '@grpc/proto-loader';

/**
 * First message on every stream. The same open again (same key, same content) on a new connection
 * resumes the stream that was cut, or returns the settlement if it had ended.
 */
export interface StreamOpen {
  /**
   * Same rules as ChargeUsageRequest.idempotency_key, in the same key space.
   */
  'idempotencyKey'?: (string);
  'userId'?: (string);
  'model'?: (string);
  'provider'?: (string);
  'quoteId'?: (string);
  'serviceTier'?: (string);
  'apiKeyId'?: (string);
  'labels'?: ({[key: string]: string});
  /**
   * Best guess of the prompt's size, and the most the completion may grow to (0 = unknown).
   */
  'inputTokens'?: (number | string | Long);
  'maxOutputTokens'?: (number | string | Long);
  /**
   * For a job that ends hours or days later (a batch, a video): the hold lives this long from the open without a report, up to
   * 3,024,000 (35 days); 0 = the server's validity. Half-closing a connection of such a stream settles nothing: only a close
   * does, on a connection of any process that sends the same open.
   */
  'holdSeconds'?: (number | string | Long);
  /**
   * Holds the cost of input_tokens and max_output_tokens from the start, and refuses the open where the user
   * can't pay it all: for a call that answers at once, which can't be stopped half-way.
   * Needs max_output_tokens.
   */
  'holdMaxOutputTokens'?: (boolean);
  /**
   * Best guess of the other units that the call will use, as in Usage.units: the seconds of a video,
   * the pages of a document. Their cost is held from the start, until a progress says otherwise.
   */
  'units'?: ({[key: string]: string});
}

/**
 * First message on every stream. The same open again (same key, same content) on a new connection
 * resumes the stream that was cut, or returns the settlement if it had ended.
 */
export interface StreamOpen__Output {
  /**
   * Same rules as ChargeUsageRequest.idempotency_key, in the same key space.
   */
  'idempotencyKey': (string);
  'userId': (string);
  'model': (string);
  'provider': (string);
  'quoteId': (string);
  'serviceTier': (string);
  'apiKeyId': (string);
  'labels': ({[key: string]: string});
  /**
   * Best guess of the prompt's size, and the most the completion may grow to (0 = unknown).
   */
  'inputTokens': (string);
  'maxOutputTokens': (string);
  /**
   * For a job that ends hours or days later (a batch, a video): the hold lives this long from the open without a report, up to
   * 3,024,000 (35 days); 0 = the server's validity. Half-closing a connection of such a stream settles nothing: only a close
   * does, on a connection of any process that sends the same open.
   */
  'holdSeconds': (string);
  /**
   * Holds the cost of input_tokens and max_output_tokens from the start, and refuses the open where the user
   * can't pay it all: for a call that answers at once, which can't be stopped half-way.
   * Needs max_output_tokens.
   */
  'holdMaxOutputTokens': (boolean);
  /**
   * Best guess of the other units that the call will use, as in Usage.units: the seconds of a video,
   * the pages of a document. Their cost is held from the start, until a progress says otherwise.
   */
  'units': ({[key: string]: string});
}
