// Original file: proto/tollgate/billing/v1/billing_service.proto

import type { Usage as _tollgate_billing_v1_Usage, Usage__Output as _tollgate_billing_v1_Usage__Output } from '../../../tollgate/billing/v1/Usage';
import type { ProviderUsage as _tollgate_billing_v1_ProviderUsage, ProviderUsage__Output as _tollgate_billing_v1_ProviderUsage__Output } from '../../../tollgate/billing/v1/ProviderUsage';
import type { UsageSource as _tollgate_billing_v1_UsageSource, UsageSource__Output as _tollgate_billing_v1_UsageSource__Output } from '../../../tollgate/billing/v1/UsageSource';
import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp';
import type { ReceiptView as _tollgate_billing_v1_ReceiptView, ReceiptView__Output as _tollgate_billing_v1_ReceiptView__Output } from '../../../tollgate/billing/v1/ReceiptView';
import type { Long } from '@grpc/proto-loader';

export interface ChargeUsageRequest {
  /**
   * 1 to 128 visible ASCII characters, unique per user. Sending the same request again under the
   * same key returns the first result; another request under it is refused with ALREADY_EXISTS.
   */
  'idempotencyKey'?: (string);
  'userId'?: (string);
  'model'?: (string);
  'provider'?: (string);
  'usage'?: (_tollgate_billing_v1_Usage | null);
  'providerUsage'?: (_tollgate_billing_v1_ProviderUsage | null);
  'usageSource'?: (_tollgate_billing_v1_UsageSource);
  /**
   * From PriceQuote; empty = the price in force at occurred_at.
   */
  'quoteId'?: (string);
  'serviceTier'?: (string);
  /**
   * Key that made the call; stored for attribution, never a secret.
   */
  'apiKeyId'?: (string);
  /**
   * Stored with the charge. At most 16 pairs, 64 characters each side.
   */
  'labels'?: ({[key: string]: string});
  /**
   * When the call was made; absent = now.
   */
  'occurredAt'?: (_google_protobuf_Timestamp | null);
  /**
   * What the provider says that the call cost, before markup; 0 = not stated. Where the operator allows it for the provider
   * (TOLLGATE_REPORTED_COST_PROVIDERS), it is charged in place of what the usage costs at the price, which the receipt shows
   * beside it. Refused beside a quote_id.
   */
  'reportedCostNanousd'?: (number | string | Long);
  /**
   * Where and how fast the provider served the call, where the gateway knows it. What the provider's own body states wins.
   */
  'geography'?: (string);
  'speed'?: (string);
  /**
   * How much of the receipt is wanted. Not a part of the request that the key stands for: a retry may ask for another view.
   */
  'view'?: (_tollgate_billing_v1_ReceiptView);
  /**
   * Who states it, for people: openrouter.usage.cost, xai.cost_in_usd_ticks, or the line of an invoice.
   */
  'reportedCostSource'?: (string);
  'measured'?: "usage"|"providerUsage";
}

export interface ChargeUsageRequest__Output {
  /**
   * 1 to 128 visible ASCII characters, unique per user. Sending the same request again under the
   * same key returns the first result; another request under it is refused with ALREADY_EXISTS.
   */
  'idempotencyKey': (string);
  'userId': (string);
  'model': (string);
  'provider': (string);
  'usage'?: (_tollgate_billing_v1_Usage__Output | null);
  'providerUsage'?: (_tollgate_billing_v1_ProviderUsage__Output | null);
  'usageSource': (_tollgate_billing_v1_UsageSource__Output);
  /**
   * From PriceQuote; empty = the price in force at occurred_at.
   */
  'quoteId': (string);
  'serviceTier': (string);
  /**
   * Key that made the call; stored for attribution, never a secret.
   */
  'apiKeyId': (string);
  /**
   * Stored with the charge. At most 16 pairs, 64 characters each side.
   */
  'labels': ({[key: string]: string});
  /**
   * When the call was made; absent = now.
   */
  'occurredAt': (_google_protobuf_Timestamp__Output | null);
  /**
   * What the provider says that the call cost, before markup; 0 = not stated. Where the operator allows it for the provider
   * (TOLLGATE_REPORTED_COST_PROVIDERS), it is charged in place of what the usage costs at the price, which the receipt shows
   * beside it. Refused beside a quote_id.
   */
  'reportedCostNanousd': (string);
  /**
   * Where and how fast the provider served the call, where the gateway knows it. What the provider's own body states wins.
   */
  'geography': (string);
  'speed': (string);
  /**
   * How much of the receipt is wanted. Not a part of the request that the key stands for: a retry may ask for another view.
   */
  'view': (_tollgate_billing_v1_ReceiptView__Output);
  /**
   * Who states it, for people: openrouter.usage.cost, xai.cost_in_usd_ticks, or the line of an invoice.
   */
  'reportedCostSource': (string);
  'measured'?: "usage"|"providerUsage";
}
