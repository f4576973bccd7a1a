// Original file: proto/tollgate/billing/v1/admin_services.proto


export interface Discrepancy {
  'userId'?: (string);
  /**
   * The books are wrong: VERSION_GAP, BALANCE_DRIFT, SPEND_DRIFT, HOLD_DRIFT, CHAIN_BROKEN, AMOUNT_DRIFT,
   * OVER_DAILY_LIMIT, KEY_DRIFT, LIMIT_DRIFT, PROFILE_DRIFT, BELOW_FLOOR, HOLD_ORPHANED, USER_MISSING, HEAD_CHANGED,
   * ENTRY_AHEAD, BUDGET_DRIFT. An operator has to act: FAILURE_PENDING, HOLD_OVERDUE. More kinds may be added.
   */
  'kind'?: (string);
  'detail'?: (string);
}

export interface Discrepancy__Output {
  'userId': (string);
  /**
   * The books are wrong: VERSION_GAP, BALANCE_DRIFT, SPEND_DRIFT, HOLD_DRIFT, CHAIN_BROKEN, AMOUNT_DRIFT,
   * OVER_DAILY_LIMIT, KEY_DRIFT, LIMIT_DRIFT, PROFILE_DRIFT, BELOW_FLOOR, HOLD_ORPHANED, USER_MISSING, HEAD_CHANGED,
   * ENTRY_AHEAD, BUDGET_DRIFT. An operator has to act: FAILURE_PENDING, HOLD_OVERDUE. More kinds may be added.
   */
  'kind': (string);
  'detail': (string);
}
