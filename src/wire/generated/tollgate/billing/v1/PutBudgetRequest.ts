// Original file: proto/tollgate/billing/v1/budget_service.proto

import type { Budget as _tollgate_billing_v1_Budget, Budget__Output as _tollgate_billing_v1_Budget__Output } from '../../../tollgate/billing/v1/Budget';

export interface PutBudgetRequest {
  'budget'?: (_tollgate_billing_v1_Budget | null);
  /**
   * Exactly once per key; empty = each request is an entry of its own.
   */
  'idempotencyKey'?: (string);
}

export interface PutBudgetRequest__Output {
  'budget': (_tollgate_billing_v1_Budget__Output | null);
  /**
   * Exactly once per key; empty = each request is an entry of its own.
   */
  'idempotencyKey': (string);
}
