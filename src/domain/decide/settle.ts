import { BillingError, unreachable } from '../errors'
import { shortfallOf } from '../ledger/failure'
import type { Hold } from '../ledger/hold'
import { availableOf, type User } from '../ledger/user'
import { maxOf, minOf, type Nanousd } from '../money'
import { deductionOf } from './charge'
import { dailyRoomOf } from './limits'
import { type LiveHold, liveHoldOf } from './liveHold'
import { nextEntry } from './nextEntry'
import type { Decision, Posted, SettlePosting, StandingFailure } from './posting'
import { refused } from './refused'

interface SettleFacts {
  user: User
  hold: Hold | undefined
  /** Of the stream. */
  failure: StandingFailure | undefined
  at: Date
}

/** The refusal of a settlement whose recorded progress has moved on, or whose hold was extended: decide again. */
export const HOLD_MOVED = 'hold_moved'

/**
 * Ends a hold in one entry: the usage is charged as far as the balance goes, the whole hold is given back. A finished
 * generation is never limited, only flagged; what cannot be paid becomes a deduction failure.
 */
export function decideSettle(
  posting: SettlePosting,
  { user, hold: stored, failure, at }: SettleFacts,
): Decision {
  const { settledBy } = posting
  const hold = liveHoldOf(stored, settledBy.by === 'client' ? settledBy.epoch : undefined)
  if (hold instanceof BillingError) return refused(hold)
  if (hasMoved(hold, posting, at)) return refused(holdMoved())

  const context = { user, hold, failure, at }
  return hold.trial ? settleTrial(posting, context) : settleCredits(posting, context)
}

function hasMoved(hold: Hold, { settledBy }: SettlePosting, at: Date): boolean {
  switch (settledBy.by) {
    case 'client':
      return false
    case 'expiry':
      return hold.sequence !== settledBy.sequence || hold.expiresAt > at
    case 'operator':
      return hold.sequence !== settledBy.sequence
    default:
      return unreachable(settledBy)
  }
}

export function holdMoved(): BillingError {
  return new BillingError('CONCURRENT_MODIFICATION', 'the stream has moved on; read it again', {
    metadata: { [HOLD_MOVED]: 'true' },
  })
}

interface Context {
  user: User
  hold: LiveHold
  failure: StandingFailure | undefined
  at: Date
}

function settleCredits(posting: SettlePosting, context: Context): Decision {
  const { user, hold, at } = context
  const dueNanousd = posting.call.amountNanousd
  const freed: User = { ...user, heldNanousd: user.heldNanousd - hold.heldNanousd }
  const paidNanousd = minOf(dueNanousd, maxOf(availableOf(freed), 0n))
  const roomNanousd = dailyRoomOf(freed, at)
  return settled(posting, context, {
    paidNanousd,
    forgoneNanousd: 0n,
    shortfallNanousd: dueNanousd - paidNanousd,
    overDailyLimit: roomNanousd !== undefined && paidNanousd > roomNanousd,
  })
}

function settleTrial(posting: SettlePosting, context: Context): Decision {
  return settled(posting, context, {
    paidNanousd: 0n,
    forgoneNanousd: posting.call.amountNanousd,
    shortfallNanousd: 0n,
    overDailyLimit: false,
  })
}

interface Settlement {
  paidNanousd: Nanousd
  forgoneNanousd: Nanousd
  shortfallNanousd: Nanousd
  overDailyLimit: boolean
}

function settled(posting: SettlePosting, context: Context, settlement: Settlement): Decision {
  const { user, hold, at } = context
  const { paidNanousd, ...detail } = settlement
  const { trial, heldNanousd } = hold
  const { user: next, entry } = nextEntry(
    user,
    {
      kind: 'settlement',
      keyId: posting.keyId,
      idempotencyKey: posting.idempotencyKey,
      requestHash: posting.requestHash,
      ...deductionOf(user, paidNanousd),
      ...(trial
        ? {
            trial: {
              spentDeltaNanousd: detail.forgoneNanousd,
              requestsDelta: 1n,
              heldDeltaNanousd: -heldNanousd,
            },
          }
        : { heldDeltaNanousd: -heldNanousd }),
      chargeKeyId: hold.keyId,
      holdKeyId: hold.keyId,
      // New fields first: V8 takes a microsecond for each that is added to a finished copy.
      charge: { trial, end: posting.end, ...detail, ...posting.call, amountNanousd: paidNanousd },
    },
    at,
  )
  return {
    outcome: 'posted',
    user: next,
    entry,
    hold: {
      ...hold,
      postings: hold.postings + 1,
      heldNanousd: 0n,
      usage: posting.call.usage,
      status: {
        state: 'settled',
        version: entry.version,
        byExpiry: posting.settledBy.by === 'expiry',
        ...(posting.settledBy.by === 'expiry' && {
          amendableUntil: new Date(at.getTime() + posting.settledBy.amendableForMs),
        }),
      },
    },
    ...unpaid(posting, context, detail.shortfallNanousd),
  }
}

/** What becomes of the deduction failure under the stream's key. */
function unpaid(
  { settledBy, call }: SettlePosting,
  { hold, failure }: Context,
  shortfallNanousd: Nanousd,
): Pick<Posted, 'failure' | 'resolvesFailure'> {
  const isPending = failure?.state === 'pending'
  // The close that was refused is still to be looked at: nobody has said anything else since.
  if (isPending && settledBy.by === 'expiry') return {}
  if (shortfallNanousd === 0n) return isPending ? { resolvesFailure: true } : {}
  return { failure: shortfallOf(hold, call, shortfallNanousd) }
}
