// Original file: proto/tollgate/billing/v1/admin_services.proto


export interface Discrepancy {
  'userId'?: (string);
  /**
   * Such as BALANCE_DRIFT, VERSION_GAP, HOLD_DRIFT, AMOUNT_DRIFT, CHAIN_BROKEN, OVER_DAILY_LIMIT.
   */
  'kind'?: (string);
  'detail'?: (string);
}

export interface Discrepancy__Output {
  'userId': (string);
  /**
   * Such as BALANCE_DRIFT, VERSION_GAP, HOLD_DRIFT, AMOUNT_DRIFT, CHAIN_BROKEN, OVER_DAILY_LIMIT.
   */
  'kind': (string);
  'detail': (string);
}
