// Original file: proto/tollgate/billing/v1/admin_services.proto

export const GrantMode = {
  /**
   * Adds the amount.
   */
  GRANT_MODE_UNSPECIFIED: 'GRANT_MODE_UNSPECIFIED',
  /**
   * Makes the pot equal to the amount: an allowance at its renewal.
   */
  GRANT_MODE_SET: 'GRANT_MODE_SET',
  /**
   * Takes back credits that a bank has taken back. `amount_nanousd` is negative, and may take credits below the floor: nothing
   * is admitted then, and the next grants pay the debt first.
   */
  GRANT_MODE_CHARGEBACK: 'GRANT_MODE_CHARGEBACK',
} as const;

export type GrantMode =
  /**
   * Adds the amount.
   */
  | 'GRANT_MODE_UNSPECIFIED'
  | 0
  /**
   * Makes the pot equal to the amount: an allowance at its renewal.
   */
  | 'GRANT_MODE_SET'
  | 1
  /**
   * Takes back credits that a bank has taken back. `amount_nanousd` is negative, and may take credits below the floor: nothing
   * is admitted then, and the next grants pay the debt first.
   */
  | 'GRANT_MODE_CHARGEBACK'
  | 2

export type GrantMode__Output = typeof GrantMode[keyof typeof GrantMode]
