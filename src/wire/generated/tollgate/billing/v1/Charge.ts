// Original file: proto/tollgate/billing/v1/billing_service.proto

import type { PriceSource as _tollgate_billing_v1_PriceSource, PriceSource__Output as _tollgate_billing_v1_PriceSource__Output } from '../../../tollgate/billing/v1/PriceSource';
import type { Usage as _tollgate_billing_v1_Usage, Usage__Output as _tollgate_billing_v1_Usage__Output } from '../../../tollgate/billing/v1/Usage';
import type { UsageSource as _tollgate_billing_v1_UsageSource, UsageSource__Output as _tollgate_billing_v1_UsageSource__Output } from '../../../tollgate/billing/v1/UsageSource';
import type { LineItem as _tollgate_billing_v1_LineItem, LineItem__Output as _tollgate_billing_v1_LineItem__Output } from '../../../tollgate/billing/v1/LineItem';
import type { Balance as _tollgate_billing_v1_Balance, Balance__Output as _tollgate_billing_v1_Balance__Output } from '../../../tollgate/billing/v1/Balance';
import type { ChargeStatus as _tollgate_billing_v1_ChargeStatus, ChargeStatus__Output as _tollgate_billing_v1_ChargeStatus__Output } from '../../../tollgate/billing/v1/ChargeStatus';
import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp';
import type { StreamEnd as _tollgate_billing_v1_StreamEnd, StreamEnd__Output as _tollgate_billing_v1_StreamEnd__Output } from '../../../tollgate/billing/v1/StreamEnd';
import type { BudgetImpact as _tollgate_billing_v1_BudgetImpact, BudgetImpact__Output as _tollgate_billing_v1_BudgetImpact__Output } from '../../../tollgate/billing/v1/BudgetImpact';
import type { Long } from '@grpc/proto-loader';

/**
 * The receipt of one deduction.
 */
export interface Charge {
  'chargeId'?: (string);
  'userId'?: (string);
  'idempotencyKey'?: (string);
  /**
   * As requested, and as priced after aliases were resolved.
   */
  'model'?: (string);
  'pricedModel'?: (string);
  'priceId'?: (string);
  'priceSource'?: (_tollgate_billing_v1_PriceSource);
  'usage'?: (_tollgate_billing_v1_Usage | null);
  'usageSource'?: (_tollgate_billing_v1_UsageSource);
  /**
   * What was deducted, markup included.
   */
  'amountNanousd'?: (number | string | Long);
  /**
   * How the amount was split between the two pots.
   */
  'allowanceNanousd'?: (number | string | Long);
  'creditsNanousd'?: (number | string | Long);
  'lineItems'?: (_tollgate_billing_v1_LineItem)[];
  /**
   * The user's balance right after this charge.
   */
  'balance'?: (_tollgate_billing_v1_Balance | null);
  'status'?: (_tollgate_billing_v1_ChargeStatus);
  'createdAt'?: (_google_protobuf_Timestamp | null);
  /**
   * Everything that the rate card was chosen by, so that the amount can be computed again.
   */
  'provider'?: (string);
  'pricedProvider'?: (string);
  'serviceTier'?: (string);
  'occurredAt'?: (_google_protobuf_Timestamp | null);
  'quoteId'?: (string);
  /**
   * True when the cited quote had expired and the price in force was taken instead.
   */
  'quoteExpired'?: (boolean);
  'apiKeyId'?: (string);
  'labels'?: ({[key: string]: string});
  'markupBasisPoints'?: (number);
  /**
   * The cost before markup.
   */
  'costNanousd'?: (number | string | Long);
  /**
   * A trial charge deducts nothing; this is what it would have been.
   */
  'trial'?: (boolean);
  'forgoneNanousd'?: (number | string | Long);
  'refundedNanousd'?: (number | string | Long);
  /**
   * Only for a settled stream.
   */
  'holdId'?: (string);
  'end'?: (_tollgate_billing_v1_StreamEnd);
  /**
   * Set when status is FAILED, or when part of a settlement could not be collected.
   */
  'failureId'?: (string);
  /**
   * The budgets that counted the charge.
   */
  'budgets'?: (_tollgate_billing_v1_BudgetImpact)[];
  /**
   * How the provider says that it served the call. Empty = it did not say. Where it names another model than the one that was
   * asked for, and that model has a price, the call is charged at it: priced_model says so.
   */
  'servedModel'?: (string);
  'servedServiceTier'?: (string);
  /**
   * Paths of numbers in the provider's usage that look like counts and that no rate reads.
   */
  'unreadUsageFields'?: (string)[];
  /**
   * What the gateway stated that the call cost, before markup; 0 = the usage was rated. Where it is set, it was charged, and
   * there are no line items.
   */
  'reportedCostNanousd'?: (number | string | Long);
  /**
   * What was taken for granted where the provider's counts could mean more than one thing.
   */
  'usageAssumptions'?: (string)[];
  'servedGeography'?: (string);
  'servedSpeed'?: (string);
  'reportedCostSource'?: (string);
  /**
   * Beside a reported cost: what the usage would have been charged at the price, markup included. Absent = it has no price.
   */
  'ratedAmountNanousd'?: (number | string | Long);
  /**
   * Name of the token that reported the call or ended the stream; `tollgate` where the stream expired. As LedgerEntry.actor.
   */
  'actor'?: (string);
  '_ratedAmountNanousd'?: "ratedAmountNanousd";
}

/**
 * The receipt of one deduction.
 */
export interface Charge__Output {
  'chargeId': (string);
  'userId': (string);
  'idempotencyKey': (string);
  /**
   * As requested, and as priced after aliases were resolved.
   */
  'model': (string);
  'pricedModel': (string);
  'priceId': (string);
  'priceSource': (_tollgate_billing_v1_PriceSource__Output);
  'usage': (_tollgate_billing_v1_Usage__Output | null);
  'usageSource': (_tollgate_billing_v1_UsageSource__Output);
  /**
   * What was deducted, markup included.
   */
  'amountNanousd': (string);
  /**
   * How the amount was split between the two pots.
   */
  'allowanceNanousd': (string);
  'creditsNanousd': (string);
  'lineItems': (_tollgate_billing_v1_LineItem__Output)[];
  /**
   * The user's balance right after this charge.
   */
  'balance': (_tollgate_billing_v1_Balance__Output | null);
  'status': (_tollgate_billing_v1_ChargeStatus__Output);
  'createdAt': (_google_protobuf_Timestamp__Output | null);
  /**
   * Everything that the rate card was chosen by, so that the amount can be computed again.
   */
  'provider': (string);
  'pricedProvider': (string);
  'serviceTier': (string);
  'occurredAt': (_google_protobuf_Timestamp__Output | null);
  'quoteId': (string);
  /**
   * True when the cited quote had expired and the price in force was taken instead.
   */
  'quoteExpired': (boolean);
  'apiKeyId': (string);
  'labels': ({[key: string]: string});
  'markupBasisPoints': (number);
  /**
   * The cost before markup.
   */
  'costNanousd': (string);
  /**
   * A trial charge deducts nothing; this is what it would have been.
   */
  'trial': (boolean);
  'forgoneNanousd': (string);
  'refundedNanousd': (string);
  /**
   * Only for a settled stream.
   */
  'holdId': (string);
  'end': (_tollgate_billing_v1_StreamEnd__Output);
  /**
   * Set when status is FAILED, or when part of a settlement could not be collected.
   */
  'failureId': (string);
  /**
   * The budgets that counted the charge.
   */
  'budgets': (_tollgate_billing_v1_BudgetImpact__Output)[];
  /**
   * How the provider says that it served the call. Empty = it did not say. Where it names another model than the one that was
   * asked for, and that model has a price, the call is charged at it: priced_model says so.
   */
  'servedModel': (string);
  'servedServiceTier': (string);
  /**
   * Paths of numbers in the provider's usage that look like counts and that no rate reads.
   */
  'unreadUsageFields': (string)[];
  /**
   * What the gateway stated that the call cost, before markup; 0 = the usage was rated. Where it is set, it was charged, and
   * there are no line items.
   */
  'reportedCostNanousd': (string);
  /**
   * What was taken for granted where the provider's counts could mean more than one thing.
   */
  'usageAssumptions': (string)[];
  'servedGeography': (string);
  'servedSpeed': (string);
  'reportedCostSource': (string);
  /**
   * Beside a reported cost: what the usage would have been charged at the price, markup included. Absent = it has no price.
   */
  'ratedAmountNanousd'?: (string);
  /**
   * Name of the token that reported the call or ended the stream; `tollgate` where the stream expired. As LedgerEntry.actor.
   */
  'actor': (string);
  '_ratedAmountNanousd'?: "ratedAmountNanousd";
}
