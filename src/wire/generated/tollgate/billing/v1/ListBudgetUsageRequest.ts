// Original file: proto/tollgate/billing/v1/budget_service.proto

import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp';

export interface ListBudgetUsageRequest {
  'userId'?: (string);
  /**
   * Empty = all budgets of the user.
   */
  'budgetId'?: (string);
  /**
   * Absent = now.
   */
  'at'?: (_google_protobuf_Timestamp | null);
  'pageSize'?: (number);
  'pageToken'?: (string);
}

export interface ListBudgetUsageRequest__Output {
  'userId': (string);
  /**
   * Empty = all budgets of the user.
   */
  'budgetId': (string);
  /**
   * Absent = now.
   */
  'at': (_google_protobuf_Timestamp__Output | null);
  'pageSize': (number);
  'pageToken': (string);
}
