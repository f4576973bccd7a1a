import { callBudgetsOf, spendMoves } from '../budget/callBudgets'
import type { BudgetFacts } from '../budget/counter'
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
import {
  type Decision,
  isPending,
  type Posted,
  refused,
  type SettlePosting,
  type StreamFailures,
} from './posting'

interface SettleContext {
  user: User
  hold: Hold | undefined
  failures: StreamFailures
  budgets: BudgetFacts
  at: Date
}

/**
 * Ends a hold in one entry: charges the usage as far as the balance reaches, and returns the whole
 * hold. No limit stops a finished generation, which is only flagged. The part that
 * can't be paid becomes a deduction failure. A trial forgoes at most the amount of its hold, and
 * the rest is paid like any other stream.
 */
export function decideSettle(posting: SettlePosting, { hold: stored, ...context }: SettleContext): Decision {
  const { settledBy } = posting
  const hold = liveHoldOf(stored, settledBy.by === 'client' ? settledBy.epoch : undefined)
  if (hold instanceof BillingError) return refused(hold)
  if (hasMoved(hold, posting, context.at)) return refused(new HoldMoved())
  return settled(posting, { ...context, hold })
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

interface Context extends SettleContext {
  hold: LiveHold
}

function outcomeOf({ rated, end }: SettlePosting, { user, hold, at }: Context): ChargeOutcome {
  const forgoneNanousd = hold.trial ? minOf(rated.amountNanousd, hold.heldNanousd) : 0n
  const dueNanousd = rated.amountNanousd - forgoneNanousd
  const freed: User = hold.trial ? user : { ...user, heldNanousd: user.heldNanousd - hold.heldNanousd }
  const amountNanousd = minOf(dueNanousd, maxOf(availableOf(freed), 0n))
  const roomNanousd = dailyRoomOf(freed, at)
  return {
    amountNanousd,
    trial: hold.trial,
    forgoneNanousd,
    shortfallNanousd: dueNanousd - amountNanousd,
    overDailyLimit: roomNanousd !== undefined && amountNanousd > roomNanousd,
    end,
  }
}

function settled(posting: SettlePosting, context: Context): Decision {
  const { user, hold, budgets, at } = context
  const outcome = outcomeOf(posting, context)
  const { user: next, entry } = nextEntry(
    { user, posting, at },
    {
      kind: 'settlement',
      ...deductionOf(user, outcome.amountNanousd),
      ...(hold.trial
        ? {
            trial: {
              spentDeltaNanousd: outcome.forgoneNanousd,
              requestsDelta: 1n,
              heldDeltaNanousd: -hold.heldNanousd,
              holdsDelta: -1n,
            },
          }
        : { heldDeltaNanousd: -hold.heldNanousd }),
      counterMoves: spendMoves(
        callBudgetsOf(budgets, { call: posting.rated, hold, at }),
        outcome.amountNanousd,
      ),
      chargeKeyId: hold.keyId,
      holdKeyId: hold.keyId,
      charge: chargeDetailOf(posting.rated, outcome),
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
      counters: [],
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

/** The changes to the stream's deduction failures. An expiry doesn't resolve a refused close. */
function unpaid(
  { settledBy, rated }: SettlePosting,
  { hold, failures }: Context,
  shortfallNanousd: Nanousd,
): Pick<Posted, 'failure' | 'resolvesFailure' | 'resolvesRefusedClose'> {
  const answersClose = settledBy.by !== 'expiry'
  // Older releases kept a refused close under the stream's own key, where its shortfall belongs.
  const isTaken = failures.shortfall?.state === 'pending'
  if (isTaken && !answersClose) return {}
  return {
    ...(answersClose && { resolvesRefusedClose: isPending(failures.refusedClose) }),
    ...(shortfallNanousd > 0n
      ? { failure: shortfallOf(hold, rated, shortfallNanousd) }
      : isTaken && { resolvesFailure: true }),
  }
}
