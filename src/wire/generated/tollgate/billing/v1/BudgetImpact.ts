// Original file: proto/tollgate/billing/v1/billing_service.proto


/**
 * A budget that counted a charge.
 */
export interface BudgetImpact {
  'budgetId'?: (string);
  /**
   * One value for each element of the budget's group_by, in its order.
   */
  'groupValues'?: (string)[];
  /**
   * The charge went above the limit. That happens where the call was made already: a settlement, an adjustment, a deferred or a
   * retried charge; and where the budget only warns.
   */
  'over'?: (boolean);
}

/**
 * A budget that counted a charge.
 */
export interface BudgetImpact__Output {
  'budgetId': (string);
  /**
   * One value for each element of the budget's group_by, in its order.
   */
  'groupValues': (string)[];
  /**
   * The charge went above the limit. That happens where the call was made already: a settlement, an adjustment, a deferred or a
   * retried charge; and where the budget only warns.
   */
  'over': (boolean);
}
