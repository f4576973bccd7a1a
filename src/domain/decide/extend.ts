import { callBudgetsOf, holdMoves } from '../budget/callBudgets'
import type { BudgetFacts } from '../budget/counter'
import { BillingError } from '../errors'
import type { Final, Hold, HoldState } from '../ledger/hold'
import type { User } from '../ledger/user'
import { maxOf, minOf } from '../money'
import { ExtensionDenied, liveHoldOf } from './holdRefusals'
import { creditsRoomOf, TRIAL_LIMIT, trialHoldRoomOf } from './limits'
import { nextEntry } from './nextEntry'
import { heldBy } from './open'
import { type Decision, type ExtendPosting, type Rules, refused } from './posting'

/**
 * Raises a hold as far as the credits reach. If nothing can be added, the refusal names the limit.
 */
export function decideExtend(
  posting: ExtendPosting,
  {
    user,
    hold: stored,
    budgets,
    rules,
    at,
  }: { user: User; hold: Hold | undefined; budgets: BudgetFacts; rules: Rules; at: Date },
): Decision {
  const hold = liveHoldOf(stored, posting.epoch)
  if (hold instanceof BillingError) return refused(hold)

  const callBudgets = callBudgetsOf(budgets, { call: hold.open.call, hold, at })
  const wantedNanousd = maxOf(posting.wantNanousd - hold.heldNanousd, 0n)
  // A hold draws on credits or on the trial's limit from its open to its end.
  // The hold itself is one of the trial's requests.
  const others = { ...user, trialHolds: user.trialHolds - 1n }
  const room = hold.trial ? trialHoldRoomOf(others, rules, at) : creditsRoomOf(user, callBudgets, at)
  const addedNanousd = user.suspended ? 0n : minOf(wantedNanousd, room?.roomNanousd ?? 0n)
  const limitedBy = room?.limitedBy ?? TRIAL_LIMIT
  if (addedNanousd === 0n && wantedNanousd > 0n) return refused(new ExtensionDenied(limitedBy))

  const heldNanousd = hold.heldNanousd + addedNanousd
  const isCounted = !hold.trial && addedNanousd > 0n
  const next: Hold = {
    ...hold,
    status: extendedStatus(addedNanousd < wantedNanousd, limitedBy),
    postings: hold.postings + 1,
    heldNanousd,
    ...(isCounted && { counters: callBudgets.matched.map(({ ref }) => ref) }),
    sequence: maxOf(posting.sequence, hold.sequence),
    usage: posting.sequence > hold.sequence ? posting.usage : hold.usage,
    // A job's hold was opened for longer, and a report never shortens it.
    expiresAt: new Date(Math.max(hold.expiresAt.getTime(), at.getTime() + posting.validityMs)),
  }
  const posted = nextEntry(
    { user, posting, at },
    {
      kind: 'hold',
      holdKeyId: posting.holdKeyId,
      ...heldBy(hold.trial, addedNanousd),
      ...(isCounted && { counterMoves: holdMoves(callBudgets, heldNanousd) }),
    },
  )
  return { outcome: 'posted', ...posted, hold: next }
}

function extendedStatus(final: boolean, limitedBy: Final): HoldState {
  return final ? { state: 'final', ...limitedBy } : { state: 'open' }
}
