// Original file: proto/tollgate/billing/v1/billing_service.proto

import type { Usage as _tollgate_billing_v1_Usage, Usage__Output as _tollgate_billing_v1_Usage__Output } from '../../../tollgate/billing/v1/Usage';
import type { Long } from '@grpc/proto-loader';

export interface PriceQuoteRequest {
  'model'?: (string);
  'provider'?: (string);
  /**
   * Expected usage. May be empty when only the rates are wanted.
   */
  'usage'?: (_tollgate_billing_v1_Usage | null);
  /**
   * Completion tokens the call may produce at most; 0 = take usage.output_tokens.
   */
  'maxOutputTokens'?: (number | string | Long);
  /**
   * When set, the reply says whether this user can pay.
   */
  'userId'?: (string);
  'serviceTier'?: (string);
  /**
   * Of the call to come, for budgets: those that match it count for `affordable` and `affordable_output_tokens`.
   */
  'apiKeyId'?: (string);
  'labels'?: ({[key: string]: string});
}

export interface PriceQuoteRequest__Output {
  'model': (string);
  'provider': (string);
  /**
   * Expected usage. May be empty when only the rates are wanted.
   */
  'usage': (_tollgate_billing_v1_Usage__Output | null);
  /**
   * Completion tokens the call may produce at most; 0 = take usage.output_tokens.
   */
  'maxOutputTokens': (string);
  /**
   * When set, the reply says whether this user can pay.
   */
  'userId': (string);
  'serviceTier': (string);
  /**
   * Of the call to come, for budgets: those that match it count for `affordable` and `affordable_output_tokens`.
   */
  'apiKeyId': (string);
  'labels': ({[key: string]: string});
}
