// Original file: proto/tollgate/billing/v1/admin_services.proto

export const PriceChangeState = {
  PRICE_CHANGE_STATE_UNSPECIFIED: 'PRICE_CHANGE_STATE_UNSPECIFIED',
  PRICE_CHANGE_STATE_APPLIED: 'PRICE_CHANGE_STATE_APPLIED',
  PRICE_CHANGE_STATE_HELD_BACK: 'PRICE_CHANGE_STATE_HELD_BACK',
  PRICE_CHANGE_STATE_REJECTED: 'PRICE_CHANGE_STATE_REJECTED',
} as const;

export type PriceChangeState =
  | 'PRICE_CHANGE_STATE_UNSPECIFIED'
  | 0
  | 'PRICE_CHANGE_STATE_APPLIED'
  | 1
  | 'PRICE_CHANGE_STATE_HELD_BACK'
  | 2
  | 'PRICE_CHANGE_STATE_REJECTED'
  | 3

export type PriceChangeState__Output = typeof PriceChangeState[keyof typeof PriceChangeState]
