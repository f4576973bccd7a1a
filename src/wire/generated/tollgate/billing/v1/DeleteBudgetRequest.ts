// Original file: proto/tollgate/billing/v1/budget_service.proto


export interface DeleteBudgetRequest {
  'userId'?: (string);
  'budgetId'?: (string);
  'idempotencyKey'?: (string);
}

export interface DeleteBudgetRequest__Output {
  'userId': (string);
  'budgetId': (string);
  'idempotencyKey': (string);
}
