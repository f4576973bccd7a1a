// Original file: proto/tollgate/billing/v1/billing_service.proto

export const ChargeStatus = {
  CHARGE_STATUS_UNSPECIFIED: 'CHARGE_STATUS_UNSPECIFIED',
  /**
   * The deduction is committed.
   */
  CHARGE_STATUS_DEDUCTED: 'CHARGE_STATUS_DEDUCTED',
  /**
   * The database could not take the deduction in time. It is durably queued, will be retried until it
   * is deducted or listed as a deduction failure, and asking again under the same key tells which.
   * Its amount and price are fixed; its balance and split are unset until it is deducted.
   */
  CHARGE_STATUS_DEFERRED: 'CHARGE_STATUS_DEFERRED',
  /**
   * It was deferred and turned out impossible to deduct; failure_id names the deduction failure.
   */
  CHARGE_STATUS_FAILED: 'CHARGE_STATUS_FAILED',
} as const;

export type ChargeStatus =
  | 'CHARGE_STATUS_UNSPECIFIED'
  | 0
  /**
   * The deduction is committed.
   */
  | 'CHARGE_STATUS_DEDUCTED'
  | 1
  /**
   * The database could not take the deduction in time. It is durably queued, will be retried until it
   * is deducted or listed as a deduction failure, and asking again under the same key tells which.
   * Its amount and price are fixed; its balance and split are unset until it is deducted.
   */
  | 'CHARGE_STATUS_DEFERRED'
  | 2
  /**
   * It was deferred and turned out impossible to deduct; failure_id names the deduction failure.
   */
  | 'CHARGE_STATUS_FAILED'
  | 3

export type ChargeStatus__Output = typeof ChargeStatus[keyof typeof ChargeStatus]
