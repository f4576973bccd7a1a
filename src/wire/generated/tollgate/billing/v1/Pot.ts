// Original file: proto/tollgate/billing/v1/admin_services.proto

export const Pot = {
  POT_UNSPECIFIED: 'POT_UNSPECIFIED',
  POT_ALLOWANCE: 'POT_ALLOWANCE',
  POT_CREDITS: 'POT_CREDITS',
} as const;

export type Pot =
  | 'POT_UNSPECIFIED'
  | 0
  | 'POT_ALLOWANCE'
  | 1
  | 'POT_CREDITS'
  | 2

export type Pot__Output = typeof Pot[keyof typeof Pot]
