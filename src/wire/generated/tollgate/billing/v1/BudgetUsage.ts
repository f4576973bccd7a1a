// Original file: proto/tollgate/billing/v1/budget_service.proto

import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp';
import type { Long } from '@grpc/proto-loader';

export interface BudgetUsage {
  'budgetId'?: (string);
  /**
   * One value for each element of group_by, in its order.
   */
  'groupValues'?: (string)[];
  'spentNanousd'?: (number | string | Long);
  /**
   * Reserved by open streams.
   */
  'heldNanousd'?: (number | string | Long);
  'limitNanousd'?: (number | string | Long);
  'windowFrom'?: (_google_protobuf_Timestamp | null);
  /**
   * Absent for LIFETIME.
   */
  'windowTo'?: (_google_protobuf_Timestamp | null);
}

export interface BudgetUsage__Output {
  'budgetId': (string);
  /**
   * One value for each element of group_by, in its order.
   */
  'groupValues': (string)[];
  'spentNanousd': (string);
  /**
   * Reserved by open streams.
   */
  'heldNanousd': (string);
  'limitNanousd': (string);
  'windowFrom': (_google_protobuf_Timestamp__Output | null);
  /**
   * Absent for LIFETIME.
   */
  'windowTo': (_google_protobuf_Timestamp__Output | null);
}
