// Original file: proto/tollgate/billing/v1/admin_services.proto

export const SpendField = {
  SPEND_FIELD_UNSPECIFIED: 'SPEND_FIELD_UNSPECIFIED',
  SPEND_FIELD_USER: 'SPEND_FIELD_USER',
  /**
   * As priced, after aliases.
   */
  SPEND_FIELD_MODEL: 'SPEND_FIELD_MODEL',
  SPEND_FIELD_PROVIDER: 'SPEND_FIELD_PROVIDER',
  SPEND_FIELD_API_KEY: 'SPEND_FIELD_API_KEY',
  /**
   * Of the posting, in UTC: 2026-03-01.
   */
  SPEND_FIELD_DAY: 'SPEND_FIELD_DAY',
  /**
   * The value of one label, which `label` names.
   */
  SPEND_FIELD_LABEL: 'SPEND_FIELD_LABEL',
  /**
   * The budgets that counted the call. A call that several budgets counted is in the group of each, so the groups overlap.
   */
  SPEND_FIELD_BUDGET: 'SPEND_FIELD_BUDGET',
} as const;

export type SpendField =
  | 'SPEND_FIELD_UNSPECIFIED'
  | 0
  | 'SPEND_FIELD_USER'
  | 1
  /**
   * As priced, after aliases.
   */
  | 'SPEND_FIELD_MODEL'
  | 2
  | 'SPEND_FIELD_PROVIDER'
  | 3
  | 'SPEND_FIELD_API_KEY'
  | 4
  /**
   * Of the posting, in UTC: 2026-03-01.
   */
  | 'SPEND_FIELD_DAY'
  | 5
  /**
   * The value of one label, which `label` names.
   */
  | 'SPEND_FIELD_LABEL'
  | 6
  /**
   * The budgets that counted the call. A call that several budgets counted is in the group of each, so the groups overlap.
   */
  | 'SPEND_FIELD_BUDGET'
  | 7

export type SpendField__Output = typeof SpendField[keyof typeof SpendField]
