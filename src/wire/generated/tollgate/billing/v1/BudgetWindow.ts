// Original file: proto/tollgate/billing/v1/budget_service.proto

import type { BudgetPeriod as _tollgate_billing_v1_BudgetPeriod, BudgetPeriod__Output as _tollgate_billing_v1_BudgetPeriod__Output } from '../../../tollgate/billing/v1/BudgetPeriod';

export interface BudgetWindow {
  'period'?: (_tollgate_billing_v1_BudgetPeriod);
  /**
   * IANA name; empty = UTC.
   */
  'timeZone'?: (string);
  /**
   * 1 = Monday to 7 = Sunday; 0 = Monday. Only for WEEK.
   */
  'weekStartsOn'?: (number);
  /**
   * Day of the month, 1 to 31; 0 = 1. A shorter month starts on its last day. Only for MONTH.
   */
  'monthStartsOn'?: (number);
}

export interface BudgetWindow__Output {
  'period': (_tollgate_billing_v1_BudgetPeriod__Output);
  /**
   * IANA name; empty = UTC.
   */
  'timeZone': (string);
  /**
   * 1 = Monday to 7 = Sunday; 0 = Monday. Only for WEEK.
   */
  'weekStartsOn': (number);
  /**
   * Day of the month, 1 to 31; 0 = 1. A shorter month starts on its last day. Only for MONTH.
   */
  'monthStartsOn': (number);
}
