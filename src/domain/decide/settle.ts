import { BillingError, unreachable } from '../errors'
import { type ChargeOutcome, chargeDetailOf } from '../ledger/charge'
import { shortfallOf } from '../ledger/failure'
import type { Hold } from '../ledger/hold'
import { availableOf, type User } from '../ledger/user'
import { maxOf, minOf, type Nanousd } from '../money'
import { deductionOf } from './charge'
import { HoldMoved, type LiveHold, liveHoldOf } from './holdRefusals'
import { dailyRoomOf } from './limits'
import { nextEntry } from './nextEntry'
import { type Decision, type Posted, refused, type SettlePosting, type StandingFailure } from './posting'

interface SettleFacts {
  user: User
  hold: Hold | undefined
  /** Of the stream. */
  failure: StandingFailure | undefined
  at: Date
}

/**
 * Ends a hold in one entry: charges the usage as far as the balance goes, and returns the whole hold. A finished
 * generation is never limited, only flagged; what cannot be paid becomes a deduction failure.
 */
export function decideSettle(
  posting: SettlePosting,
  { user, hold: stored, failure, at }: SettleFacts,
): Decision {
  const { settledBy } = posting
  const hold = liveHoldOf(stored, settledBy.by === 'client' ? settledBy.epoch : undefined)
  if (hold instanceof BillingError) return refused(hold)
  if (hasMoved(hold, posting, at)) return refused(new HoldMoved())

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

interface Context {
  user: User
  hold: LiveHold
  failure: StandingFailure | undefined
  at: Date
}

function settleCredits(posting: SettlePosting, context: Context): Decision {
  const { user, hold, at } = context
  const dueNanousd = posting.rated.amountNanousd
  const freed: User = { ...user, heldNanousd: user.heldNanousd - hold.heldNanousd }
  const paidNanousd = minOf(dueNanousd, maxOf(availableOf(freed), 0n))
  const roomNanousd = dailyRoomOf(freed, at)
  return settled(posting, context, {
    amountNanousd: paidNanousd,
    trial: false,
    forgoneNanousd: 0n,
    shortfallNanousd: dueNanousd - paidNanousd,
    overDailyLimit: roomNanousd !== undefined && paidNanousd > roomNanousd,
  })
}

function settleTrial(posting: SettlePosting, context: Context): Decision {
  return settled(posting, context, {
    amountNanousd: 0n,
    trial: true,
    forgoneNanousd: posting.rated.amountNanousd,
    shortfallNanousd: 0n,
    overDailyLimit: false,
  })
}

function settled(posting: SettlePosting, context: Context, outcome: ChargeOutcome): Decision {
  const { user, hold, at } = context
  const { user: next, entry } = nextEntry(
    { user, posting, at },
    {
      kind: 'settlement',
      ...deductionOf(user, outcome.amountNanousd),
      ...(outcome.trial
        ? {
            trial: {
              spentDeltaNanousd: outcome.forgoneNanousd,
              requestsDelta: 1n,
              heldDeltaNanousd: -hold.heldNanousd,
            },
          }
        : { heldDeltaNanousd: -hold.heldNanousd }),
      chargeKeyId: hold.keyId,
      holdKeyId: hold.keyId,
      charge: chargeDetailOf(posting.rated, { ...outcome, end: posting.end }),
    },
  )
  return {
    outcome: 'posted',
    user: next,
    entry,
    hold: {
      ...hold,
      postings: hold.postings + 1,
      heldNanousd: 0n,
      usage: posting.rated.usage,
      status: {
        state: 'settled',
        version: entry.version,
        byExpiry: posting.settledBy.by === 'expiry',
        ...(posting.settledBy.by === 'expiry' && {
          amendableUntil: new Date(at.getTime() + posting.settledBy.amendableForMs),
        }),
      },
    },
    ...unpaid(posting, context, outcome.shortfallNanousd),
  }
}

/** What happens to the deduction failure under the stream's key. */
function unpaid(
  { settledBy, rated }: SettlePosting,
  { hold, failure }: Context,
  shortfallNanousd: Nanousd,
): Pick<Posted, 'failure' | 'resolvesFailure'> {
  const isPending = failure?.state === 'pending'
  // A close that was refused still needs a person: the settlement by expiry doesn't answer it.
  if (isPending && settledBy.by === 'expiry') return {}
  if (shortfallNanousd === 0n) return isPending ? { resolvesFailure: true } : {}
  return { failure: shortfallOf(hold, rated, shortfallNanousd) }
}
