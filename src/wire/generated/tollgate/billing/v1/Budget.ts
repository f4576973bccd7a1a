// Original file: proto/tollgate/billing/v1/budget_service.proto

import type { BudgetMatch as _tollgate_billing_v1_BudgetMatch, BudgetMatch__Output as _tollgate_billing_v1_BudgetMatch__Output } from '../../../tollgate/billing/v1/BudgetMatch';
import type { BudgetGroup as _tollgate_billing_v1_BudgetGroup, BudgetGroup__Output as _tollgate_billing_v1_BudgetGroup__Output } from '../../../tollgate/billing/v1/BudgetGroup';
import type { BudgetWindow as _tollgate_billing_v1_BudgetWindow, BudgetWindow__Output as _tollgate_billing_v1_BudgetWindow__Output } from '../../../tollgate/billing/v1/BudgetWindow';
import type { BudgetAction as _tollgate_billing_v1_BudgetAction, BudgetAction__Output as _tollgate_billing_v1_BudgetAction__Output } from '../../../tollgate/billing/v1/BudgetAction';
import type { Long } from '@grpc/proto-loader';

export interface Budget {
  /**
   * Chosen by the client, unique per user; 1 to 128 visible characters.
   */
  'budgetId'?: (string);
  /**
   * Who pays.
   */
  'userId'?: (string);
  'match'?: (_tollgate_billing_v1_BudgetMatch | null);
  /**
   * A counter of its own for each combination of these; empty = one counter.
   */
  'groupBy'?: (_tollgate_billing_v1_BudgetGroup)[];
  'window'?: (_tollgate_billing_v1_BudgetWindow | null);
  /**
   * For each counter and window. 0 stops every call that matches and costs anything.
   */
  'limitNanousd'?: (number | string | Long);
  'action'?: (_tollgate_billing_v1_BudgetAction);
  /**
   * Percentages of the limit at which an event is written; 1 to 1000, at most 8.
   */
  'notifyAtPercent'?: (number)[];
  /**
   * Grows when match, grouping or window change.
   */
  'generation'?: (number);
}

export interface Budget__Output {
  /**
   * Chosen by the client, unique per user; 1 to 128 visible characters.
   */
  'budgetId': (string);
  /**
   * Who pays.
   */
  'userId': (string);
  'match': (_tollgate_billing_v1_BudgetMatch__Output | null);
  /**
   * A counter of its own for each combination of these; empty = one counter.
   */
  'groupBy': (_tollgate_billing_v1_BudgetGroup__Output)[];
  'window': (_tollgate_billing_v1_BudgetWindow__Output | null);
  /**
   * For each counter and window. 0 stops every call that matches and costs anything.
   */
  'limitNanousd': (string);
  'action': (_tollgate_billing_v1_BudgetAction__Output);
  /**
   * Percentages of the limit at which an event is written; 1 to 1000, at most 8.
   */
  'notifyAtPercent': (number)[];
  /**
   * Grows when match, grouping or window change.
   */
  'generation': (number);
}
