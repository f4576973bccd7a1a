// Original file: proto/tollgate/billing/v1/types.proto

import type { Long } from '@grpc/proto-loader';

/**
 * What a user holds. available = allowance + credits + overdraft limit - held.
 */
export interface Balance {
  /**
   * Subscription allowance left; spent first.
   */
  'allowanceNanousd'?: (number | string | Long);
  /**
   * Purchased credits left; negative only within the overdraft limit.
   */
  'creditsNanousd'?: (number | string | Long);
  /**
   * Reserved by open streams.
   */
  'heldNanousd'?: (number | string | Long);
  'availableNanousd'?: (number | string | Long);
  /**
   * Spent since midnight UTC, and the limit it counts against (0 = none).
   */
  'spentTodayNanousd'?: (number | string | Long);
  'dailyLimitNanousd'?: (number | string | Long);
  /**
   * Grows by one with every ledger entry of this user.
   */
  'version'?: (number | string | Long);
}

/**
 * What a user holds. available = allowance + credits + overdraft limit - held.
 */
export interface Balance__Output {
  /**
   * Subscription allowance left; spent first.
   */
  'allowanceNanousd': (string);
  /**
   * Purchased credits left; negative only within the overdraft limit.
   */
  'creditsNanousd': (string);
  /**
   * Reserved by open streams.
   */
  'heldNanousd': (string);
  'availableNanousd': (string);
  /**
   * Spent since midnight UTC, and the limit it counts against (0 = none).
   */
  'spentTodayNanousd': (string);
  'dailyLimitNanousd': (string);
  /**
   * Grows by one with every ledger entry of this user.
   */
  'version': (string);
}
