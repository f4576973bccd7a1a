// Original file: proto/tollgate/billing/v1/billing_service.proto

export const FinalReason = {
  /**
   * Not final: the grant will be extended.
   */
  FINAL_REASON_UNSPECIFIED: 'FINAL_REASON_UNSPECIFIED',
  FINAL_REASON_CREDITS: 'FINAL_REASON_CREDITS',
  FINAL_REASON_DAILY_LIMIT: 'FINAL_REASON_DAILY_LIMIT',
  FINAL_REASON_TRIAL_LIMIT: 'FINAL_REASON_TRIAL_LIMIT',
  FINAL_REASON_MAX_OUTPUT_TOKENS: 'FINAL_REASON_MAX_OUTPUT_TOKENS',
  FINAL_REASON_BUDGET: 'FINAL_REASON_BUDGET',
} as const;

export type FinalReason =
  /**
   * Not final: the grant will be extended.
   */
  | 'FINAL_REASON_UNSPECIFIED'
  | 0
  | 'FINAL_REASON_CREDITS'
  | 1
  | 'FINAL_REASON_DAILY_LIMIT'
  | 2
  | 'FINAL_REASON_TRIAL_LIMIT'
  | 3
  | 'FINAL_REASON_MAX_OUTPUT_TOKENS'
  | 4
  | 'FINAL_REASON_BUDGET'
  | 5

export type FinalReason__Output = typeof FinalReason[keyof typeof FinalReason]
