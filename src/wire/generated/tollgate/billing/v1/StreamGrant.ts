// Original file: proto/tollgate/billing/v1/billing_service.proto

import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp';
import type { FinalReason as _tollgate_billing_v1_FinalReason, FinalReason__Output as _tollgate_billing_v1_FinalReason__Output } from '../../../tollgate/billing/v1/FinalReason';
import type { Long } from '@grpc/proto-loader';

/**
 * How far the generation may run on the credits now held. Cumulative: each grant replaces the last.
 */
export interface StreamGrant {
  'holdId'?: (string);
  /**
   * Total cost covered by the hold so far.
   */
  'grantedNanousd'?: (number | string | Long);
  /**
   * Total completion tokens that the grant covers.
   */
  'grantedOutputTokens'?: (number | string | Long);
  /**
   * Report or extend before this, or the hold expires and the last progress is settled.
   */
  'expiresAt'?: (_google_protobuf_Timestamp | null);
  /**
   * When set, the generation must stop at granted_output_tokens.
   */
  'finalReason'?: (_tollgate_billing_v1_FinalReason);
  /**
   * On a resumed stream, the highest sequence that was recorded.
   */
  'acknowledgedSequence'?: (number | string | Long);
  /**
   * Only with FINAL_REASON_BUDGET: the budget that has no room for more.
   */
  'limitingBudgetId'?: (string);
}

/**
 * How far the generation may run on the credits now held. Cumulative: each grant replaces the last.
 */
export interface StreamGrant__Output {
  'holdId': (string);
  /**
   * Total cost covered by the hold so far.
   */
  'grantedNanousd': (string);
  /**
   * Total completion tokens that the grant covers.
   */
  'grantedOutputTokens': (string);
  /**
   * Report or extend before this, or the hold expires and the last progress is settled.
   */
  'expiresAt': (_google_protobuf_Timestamp__Output | null);
  /**
   * When set, the generation must stop at granted_output_tokens.
   */
  'finalReason': (_tollgate_billing_v1_FinalReason__Output);
  /**
   * On a resumed stream, the highest sequence that was recorded.
   */
  'acknowledgedSequence': (string);
  /**
   * Only with FINAL_REASON_BUDGET: the budget that has no room for more.
   */
  'limitingBudgetId': (string);
}
