// Original file: proto/tollgate/billing/v1/billing_service.proto

import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp';
import type { Price as _tollgate_billing_v1_Price, Price__Output as _tollgate_billing_v1_Price__Output } from '../../../tollgate/billing/v1/Price';
import type { LineItem as _tollgate_billing_v1_LineItem, LineItem__Output as _tollgate_billing_v1_LineItem__Output } from '../../../tollgate/billing/v1/LineItem';
import type { Balance as _tollgate_billing_v1_Balance, Balance__Output as _tollgate_billing_v1_Balance__Output } from '../../../tollgate/billing/v1/Balance';
import type { Long } from '@grpc/proto-loader';

export interface PriceQuoteResponse {
  /**
   * Cite it in ChargeUsage or StreamSettle to be charged at exactly this price.
   */
  'quoteId'?: (string);
  /**
   * How long quote_id is honoured.
   */
  'expiresAt'?: (_google_protobuf_Timestamp | null);
  'price'?: (_tollgate_billing_v1_Price | null);
  /**
   * What `usage` would be charged, markup included.
   */
  'costNanousd'?: (number | string | Long);
  /**
   * What it would be charged if the call produces max_output_tokens.
   */
  'maxCostNanousd'?: (number | string | Long);
  'lineItems'?: (_tollgate_billing_v1_LineItem)[];
  /**
   * Only when user_id was set.
   */
  'affordable'?: (boolean);
  /**
   * Completion tokens that the user can pay after the input, at most max_output_tokens: the least over the available balance,
   * the daily limit and every budget that matches the call. Only when user_id was set.
   */
  'affordableOutputTokens'?: (number | string | Long);
  'balance'?: (_tollgate_billing_v1_Balance | null);
  /**
   * The budget that makes the call unaffordable, or that bounds affordable_output_tokens. Empty = none does.
   */
  'limitingBudgetId'?: (string);
}

export interface PriceQuoteResponse__Output {
  /**
   * Cite it in ChargeUsage or StreamSettle to be charged at exactly this price.
   */
  'quoteId': (string);
  /**
   * How long quote_id is honoured.
   */
  'expiresAt': (_google_protobuf_Timestamp__Output | null);
  'price': (_tollgate_billing_v1_Price__Output | null);
  /**
   * What `usage` would be charged, markup included.
   */
  'costNanousd': (string);
  /**
   * What it would be charged if the call produces max_output_tokens.
   */
  'maxCostNanousd': (string);
  'lineItems': (_tollgate_billing_v1_LineItem__Output)[];
  /**
   * Only when user_id was set.
   */
  'affordable': (boolean);
  /**
   * Completion tokens that the user can pay after the input, at most max_output_tokens: the least over the available balance,
   * the daily limit and every budget that matches the call. Only when user_id was set.
   */
  'affordableOutputTokens': (string);
  'balance': (_tollgate_billing_v1_Balance__Output | null);
  /**
   * The budget that makes the call unaffordable, or that bounds affordable_output_tokens. Empty = none does.
   */
  'limitingBudgetId': (string);
}
