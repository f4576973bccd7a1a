// Original file: proto/tollgate/billing/v1/admin_services.proto

export const EntryKind = {
  ENTRY_KIND_UNSPECIFIED: 'ENTRY_KIND_UNSPECIFIED',
  ENTRY_KIND_CHARGE: 'ENTRY_KIND_CHARGE',
  ENTRY_KIND_GRANT: 'ENTRY_KIND_GRANT',
  ENTRY_KIND_REFUND: 'ENTRY_KIND_REFUND',
  ENTRY_KIND_HOLD: 'ENTRY_KIND_HOLD',
  ENTRY_KIND_SETTLEMENT: 'ENTRY_KIND_SETTLEMENT',
  ENTRY_KIND_RELEASE: 'ENTRY_KIND_RELEASE',
  ENTRY_KIND_PROFILE: 'ENTRY_KIND_PROFILE',
  ENTRY_KIND_ADJUSTMENT: 'ENTRY_KIND_ADJUSTMENT',
  /**
   * A budget was put or deleted.
   */
  ENTRY_KIND_BUDGET: 'ENTRY_KIND_BUDGET',
} as const;

export type EntryKind =
  | 'ENTRY_KIND_UNSPECIFIED'
  | 0
  | 'ENTRY_KIND_CHARGE'
  | 1
  | 'ENTRY_KIND_GRANT'
  | 2
  | 'ENTRY_KIND_REFUND'
  | 3
  | 'ENTRY_KIND_HOLD'
  | 4
  | 'ENTRY_KIND_SETTLEMENT'
  | 5
  | 'ENTRY_KIND_RELEASE'
  | 6
  | 'ENTRY_KIND_PROFILE'
  | 7
  | 'ENTRY_KIND_ADJUSTMENT'
  | 8
  /**
   * A budget was put or deleted.
   */
  | 'ENTRY_KIND_BUDGET'
  | 9

export type EntryKind__Output = typeof EntryKind[keyof typeof EntryKind]
