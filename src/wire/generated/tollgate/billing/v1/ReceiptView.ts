// Original file: proto/tollgate/billing/v1/billing_service.proto

/**
 * AIP-157. The amounts, the split, the balance and the price are in every view.
 */
export const ReceiptView = {
  /**
   * Everything.
   */
  RECEIPT_VIEW_UNSPECIFIED: 'RECEIPT_VIEW_UNSPECIFIED',
  /**
   * Without line items and usage: cheaper to make, to send and to read.
   */
  RECEIPT_VIEW_BASIC: 'RECEIPT_VIEW_BASIC',
} as const;

/**
 * AIP-157. The amounts, the split, the balance and the price are in every view.
 */
export type ReceiptView =
  /**
   * Everything.
   */
  | 'RECEIPT_VIEW_UNSPECIFIED'
  | 0
  /**
   * Without line items and usage: cheaper to make, to send and to read.
   */
  | 'RECEIPT_VIEW_BASIC'
  | 1

/**
 * AIP-157. The amounts, the split, the balance and the price are in every view.
 */
export type ReceiptView__Output = typeof ReceiptView[keyof typeof ReceiptView]
