import { type CallBudgets, callBudgetsOf, holdMoves } from '../budget/callBudgets'
import type { BudgetFacts } from '../budget/counter'
import type { BillingError } from '../errors'
import type { Hold } from '../ledger/hold'
import { keyedRequestOf } from '../ledger/keyRef'
import { billedAsTrial, trialRequestsOf } from '../ledger/trial'
import { availableOf, type User } from '../ledger/user'
import { maxOf, minOf, type Nanousd } from '../money'
import { NO_USAGE } from '../usage/usage'
import {
  creditsRoomOf,
  insufficientCredits,
  type Room,
  suspended,
  tightestCapOf,
  trialExpired,
  trialHoldRoomOf,
  trialLimitReached,
  uncountable,
} from './limits'
import { type Change, nextEntry } from './nextEntry'
import { type Decision, type OpenPosting, type Rules, refused } from './posting'

/** Opens a stream's hold for the input and a first stretch of output, or for less, down to the posting's minimum. */
export function decideOpen(
  posting: OpenPosting,
  { user, budgets, rules, at }: { user: User; budgets: BudgetFacts; rules: Rules; at: Date },
): Decision {
  if (user.suspended) return refused(suspended(user))
  const callBudgets = callBudgetsOf(budgets, { call: posting.open.call, at })
  const admitted = admit(posting, { user, budgets: callBudgets, rules, at })
  if ('error' in admitted) return refused(admitted.error)

  const { room, trial } = admitted
  const heldNanousd = minOf(room.roomNanousd, posting.wantNanousd)
  const hold: Hold = {
    ...keyedRequestOf(posting),
    status: heldNanousd < posting.wantNanousd ? { state: 'final', ...room.limitedBy } : { state: 'open' },
    epoch: 1,
    postings: 0,
    heldNanousd,
    trial,
    counters: trial ? [] : callBudgets.matched.map(({ ref }) => ref),
    open: posting.open,
    sequence: 0n,
    usage: NO_USAGE,
    openedAt: at,
    expiresAt: new Date(at.getTime() + posting.validityMs),
  }
  const posted = nextEntry(
    { user, posting, at },
    {
      kind: 'hold',
      holdKeyId: posting.keyId,
      ...heldBy(trial, heldNanousd, 1n),
      ...(!trial && { counterMoves: holdMoves(callBudgets, heldNanousd) }),
    },
  )
  return { outcome: 'posted', ...posted, hold }
}

/** What an entry changes where a hold is opened, grows or ends: held credits, or the held part of the trial's limits. */
export function heldBy(trial: boolean, deltaNanousd: Nanousd, holdsDelta = 0n): Partial<Change> {
  return trial
    ? { trial: { heldDeltaNanousd: deltaNanousd, holdsDelta } }
    : { heldDeltaNanousd: deltaNanousd }
}

function admit(
  { minimumNanousd }: OpenPosting,
  { user, budgets, rules, at }: { user: User; budgets: CallBudgets; rules: Rules; at: Date },
): { room: Room; trial: boolean } | { error: BillingError } {
  if (billedAsTrial(user, rules.trial.paidTiers)) {
    const room = trialHoldRoomOf(user, rules, at)
    if (
      room !== undefined &&
      trialRequestsOf(user) < rules.trial.requestsMax &&
      room.roomNanousd >= minimumNanousd
    ) {
      return { room, trial: true }
    }
    if (availableOf(user) <= 0n)
      return { error: room === undefined ? trialExpired(user) : trialLimitReached(user) }
  }
  const availableNanousd = availableOf(user)
  if (availableNanousd < minimumNanousd) return { error: insufficientCredits(user, minimumNanousd) }
  const cannotCount = uncountable(user, budgets)
  if (cannotCount !== undefined) return { error: cannotCount }
  const cap = tightestCapOf(user, budgets, at)
  if (cap !== undefined && maxOf(cap.roomNanousd, 0n) < minimumNanousd) return { error: cap.reached() }
  const room = creditsRoomOf(user, budgets, at)
  return { room, trial: false }
}
