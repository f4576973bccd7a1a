import type { DeferredMessage, SettledMessage, StreamMessage } from '../../billing/streams/streamMessages'
import { unreachable } from '../../domain/errors'
import { publicIdOf } from '../../domain/ledger/ids'
import type { Grant } from '../../domain/stream/state'
import type { StreamGrant } from '../../wire/generated/tollgate/billing/v1/StreamGrant'
import type { StreamSettled } from '../../wire/generated/tollgate/billing/v1/StreamSettled'
import type { StreamSettleResponse } from '../../wire/generated/tollgate/billing/v1/StreamSettleResponse'
import { FINAL_REASONS } from './enums'
import { integerToWire, timestampToWire } from './write'
import { chargeToWire } from './writeCharge'
import { deferredChargeToWire } from './writeDeferred'

export function streamMessageToWire(message: StreamMessage): StreamSettleResponse {
  switch (message.do) {
    case 'send grant':
      return { grant: grantToWire(message.grant) }
    case 'send ack':
      return {
        ack: { sequence: integerToWire(message.sequence), costNanousd: integerToWire(message.costNanousd) },
      }
    case 'send drain':
      return { drain: {} }
    case 'send settled':
    case 'send deferred':
      return { settled: endedToWire(message) }
    default:
      return unreachable(message)
  }
}

function grantToWire(grant: Grant): StreamGrant {
  return {
    holdId: publicIdOf('hd', grant.holdKeyId),
    grantedNanousd: integerToWire(grant.grantedNanousd),
    grantedOutputTokens: integerToWire(grant.grantedOutputTokens),
    expiresAt: timestampToWire(grant.expiresAt),
    ...(grant.final !== undefined && {
      finalReason: FINAL_REASONS.write(grant.final.reason),
      limitingBudgetId: grant.final.budgetId ?? '',
    }),
    acknowledgedSequence: integerToWire(grant.acknowledgedSequence),
  }
}

/** How a stream ended: its receipt, or that of a settlement that waits. */
export function endedToWire(message: SettledMessage | DeferredMessage): StreamSettled {
  return message.do === 'send settled'
    ? settledToWire(message)
    : { charge: deferredChargeToWire(message.receipt), replayed: message.replayed }
}

function settledToWire(settled: SettledMessage): StreamSettled {
  return {
    charge: chargeToWire(settled.receipt, settled.idempotencyKey),
    replayed: settled.replayed,
    releasedNanousd: integerToWire(settled.releasedNanousd),
    shortfallNanousd: integerToWire(settled.shortfallNanousd),
    ...(settled.amendableUntil !== undefined && {
      amendableUntil: timestampToWire(settled.amendableUntil),
    }),
  }
}
