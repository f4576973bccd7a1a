import type { Hold } from '../../domain/ledger/hold'
import { publicIdOf } from '../../domain/ledger/ids'
import type { Hold as WireHold } from '../../wire/generated/tollgate/billing/v1/Hold'
import { integerToWire, timestampToWire, usageToWire } from './write'

export function holdToWire(hold: Hold): WireHold {
  return {
    holdId: publicIdOf('hd', hold.keyId),
    userId: hold.userId,
    idempotencyKey: hold.idempotencyKey,
    model: hold.open.call.reported.model,
    heldNanousd: integerToWire(hold.heldNanousd),
    usage: usageToWire(hold.usage),
    openedAt: timestampToWire(hold.openedAt),
    expiresAt: timestampToWire(hold.expiresAt),
  }
}
