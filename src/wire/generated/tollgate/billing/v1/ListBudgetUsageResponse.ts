// Original file: proto/tollgate/billing/v1/budget_service.proto

import type { BudgetUsage as _tollgate_billing_v1_BudgetUsage, BudgetUsage__Output as _tollgate_billing_v1_BudgetUsage__Output } from '../../../tollgate/billing/v1/BudgetUsage';

export interface ListBudgetUsageResponse {
  'usages'?: (_tollgate_billing_v1_BudgetUsage)[];
  'nextPageToken'?: (string);
}

export interface ListBudgetUsageResponse__Output {
  'usages': (_tollgate_billing_v1_BudgetUsage__Output)[];
  'nextPageToken': (string);
}
