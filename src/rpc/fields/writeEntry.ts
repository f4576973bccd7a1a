import type { ShownEntry } from '../../billing/users/listLedgerEntries'
import { publicIdOf } from '../../domain/ledger/ids'
import type { LedgerEntry as WireEntry } from '../../wire/generated/tollgate/billing/v1/LedgerEntry'
import { ENTRY_KINDS } from './enums'
import { balanceToWire, integerToWire, timestampToWire } from './write'
import { chargeToWire } from './writeCharge'

export function entryToWire({ entry, charged }: ShownEntry): WireEntry {
  return {
    entryId: `${entry.userId}/${entry.version}`,
    userId: entry.userId,
    version: integerToWire(entry.version),
    kind: ENTRY_KINDS.write(entry.kind),
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
    actor: entry.actor ?? '',
  }
}
