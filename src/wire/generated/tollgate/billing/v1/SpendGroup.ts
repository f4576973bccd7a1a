// Original file: proto/tollgate/billing/v1/admin_services.proto

import type { Long } from '@grpc/proto-loader';

export interface SpendGroup {
  /**
   * One for each dimension of group_by, in its order; empty = the entries have none.
   */
  'values'?: (string)[];
  /**
   * Charges and settled streams.
   */
  'calls'?: (number | string | Long);
  /**
   * What they were charged when they were posted.
   */
  'chargedNanousd'?: (number | string | Long);
  /**
   * Signed: what late corrections of streams and collected shortfalls changed of that.
   */
  'adjustedNanousd'?: (number | string | Long);
  /**
   * Given back. A refund counts at its own time, under the model, key and labels of the charge that it refunds.
   */
  'refundedNanousd'?: (number | string | Long);
  /**
   * charged + adjusted - refunded, which is from_allowance + from_credits.
   */
  'spentNanousd'?: (number | string | Long);
  'fromAllowanceNanousd'?: (number | string | Long);
  'fromCreditsNanousd'?: (number | string | Long);
  /**
   * What trial users did not pay. Not part of the sums above.
   */
  'forgoneNanousd'?: (number | string | Long);
  /**
   * Of the calls as they were posted.
   */
  'inputTokens'?: (number | string | Long);
  'outputTokens'?: (number | string | Long);
}

export interface SpendGroup__Output {
  /**
   * One for each dimension of group_by, in its order; empty = the entries have none.
   */
  'values': (string)[];
  /**
   * Charges and settled streams.
   */
  'calls': (string);
  /**
   * What they were charged when they were posted.
   */
  'chargedNanousd': (string);
  /**
   * Signed: what late corrections of streams and collected shortfalls changed of that.
   */
  'adjustedNanousd': (string);
  /**
   * Given back. A refund counts at its own time, under the model, key and labels of the charge that it refunds.
   */
  'refundedNanousd': (string);
  /**
   * charged + adjusted - refunded, which is from_allowance + from_credits.
   */
  'spentNanousd': (string);
  'fromAllowanceNanousd': (string);
  'fromCreditsNanousd': (string);
  /**
   * What trial users did not pay. Not part of the sums above.
   */
  'forgoneNanousd': (string);
  /**
   * Of the calls as they were posted.
   */
  'inputTokens': (string);
  'outputTokens': (string);
}
