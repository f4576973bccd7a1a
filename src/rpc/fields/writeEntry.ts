import type { ShownEntry } from '../../billing/users/listLedgerEntries'
import type { EntryKind } from '../../domain/ledger/entry'
import { publicIdOf } from '../../domain/ledger/ids'
import type { LedgerEntry as WireEntry } from '../../wire/generated/tollgate/billing/v1/LedgerEntry'
import { balanceToWire, integerToWire, timestampToWire } from './write'
import { chargeToWire } from './writeCharge'

const ENTRY_KIND_NAMES = {
  charge: 'ENTRY_KIND_CHARGE',
  grant: 'ENTRY_KIND_GRANT',
  refund: 'ENTRY_KIND_REFUND',
  hold: 'ENTRY_KIND_HOLD',
  settlement: 'ENTRY_KIND_SETTLEMENT',
  release: 'ENTRY_KIND_RELEASE',
  profile: 'ENTRY_KIND_PROFILE',
  adjustment: 'ENTRY_KIND_ADJUSTMENT',
} as const satisfies Record<EntryKind, string>

export function entryToWire({ entry, charged }: ShownEntry): WireEntry {
  return {
    entryId: `${entry.userId}/${entry.version}`,
    userId: entry.userId,
    version: integerToWire(entry.version),
    kind: ENTRY_KIND_NAMES[entry.kind],
    idempotencyKey: entry.idempotencyKey,
    allowanceDeltaNanousd: integerToWire(entry.allowanceDeltaNanousd),
    creditsDeltaNanousd: integerToWire(entry.creditsDeltaNanousd),
    heldDeltaNanousd: integerToWire(entry.heldDeltaNanousd),
    spentTodayDeltaNanousd: integerToWire(entry.spentTodayDeltaNanousd),
    balance: balanceToWire(entry.balance, entry.version),
    ...(charged !== undefined && { charge: chargeToWire(charged.receipt, charged.idempotencyKey) }),
    reason: entry.reason ?? '',
    createdAt: timestampToWire(entry.createdAt),
    ...(entry.chargeKeyId !== undefined && { chargeId: publicIdOf('ch', entry.chargeKeyId) }),
    ...(entry.holdKeyId !== undefined && { holdId: publicIdOf('hd', entry.holdKeyId) }),
    hash: entry.hash,
  }
}
