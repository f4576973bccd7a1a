// Original file: proto/tollgate/billing/v1/budget_service.proto

import type { Budget as _tollgate_billing_v1_Budget, Budget__Output as _tollgate_billing_v1_Budget__Output } from '../../../tollgate/billing/v1/Budget';

export interface ListBudgetsResponse {
  'budgets'?: (_tollgate_billing_v1_Budget)[];
  'nextPageToken'?: (string);
}

export interface ListBudgetsResponse__Output {
  'budgets': (_tollgate_billing_v1_Budget__Output)[];
  'nextPageToken': (string);
}
