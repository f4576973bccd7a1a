// Original file: proto/tollgate/billing/v1/budget_service.proto

import type { Budget as _tollgate_billing_v1_Budget, Budget__Output as _tollgate_billing_v1_Budget__Output } from '../../../tollgate/billing/v1/Budget';

export interface PutBudgetResponse {
  'budget'?: (_tollgate_billing_v1_Budget | null);
  /**
   * True when the counters start again.
   */
  'restarted'?: (boolean);
}

export interface PutBudgetResponse__Output {
  'budget': (_tollgate_billing_v1_Budget__Output | null);
  /**
   * True when the counters start again.
   */
  'restarted': (boolean);
}
