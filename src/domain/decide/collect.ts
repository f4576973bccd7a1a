import { callBudgetsOf, spendMoves } from '../budget/callBudgets'
import type { BudgetFacts } from '../budget/counter'
import { BillingError } from '../errors'
import type { Hold } from '../ledger/hold'
import { availableOf, type User } from '../ledger/user'
import { deductionOf } from './charge'
import { HoldMoved, holdNotFound } from './holdRefusals'
import { dailyRoomOf, insufficientCredits } from './limits'
import { nextEntry } from './nextEntry'
import { type CollectPosting, type Decision, type FailureFacts, refused } from './posting'

/**
 * Deducts the shortfall of a stream's settlement, in full or not at all. The entry adjusts the
 * stream's charge. Like any other adjustment it is flagged, not limited, because the generation was
 * made long ago.
 */
export function decideCollect(
  posting: CollectPosting,
  {
    user,
    hold,
    failure,
    budgets,
    at,
  }: {
    user: User
    hold: Hold | undefined
    failure: FailureFacts | undefined
    budgets: BudgetFacts
    at: Date
  },
): Decision {
  if (hold === undefined) return refused(holdNotFound())
  if (hold.status.state !== 'settled' || hold.postings !== posting.holdPostings)
    return refused(new HoldMoved())
  if (failure?.state !== 'pending' || !failure.isOfStream || failure.amountNanousd === undefined) {
    return refused(new BillingError('ALREADY_DECIDED', 'nothing of this stream is left to be collected'))
  }
  const { amountNanousd } = failure
  if (amountNanousd > availableOf(user)) return refused(insufficientCredits(user, amountNanousd))

  const roomNanousd = dailyRoomOf(user, at)
  const posted = nextEntry(
    { user, posting, at },
    {
      kind: 'adjustment',
      chargeKeyId: hold.keyId,
      holdKeyId: hold.keyId,
      ...deductionOf(user, amountNanousd),
      counterMoves: spendMoves(
        callBudgetsOf(budgets, { call: posting.settlement.charge, at }),
        amountNanousd,
      ),
      charge: {
        ...posting.settlement.charge,
        amountNanousd,
        shortfallNanousd: -amountNanousd,
        forgoneNanousd: 0n,
        overDailyLimit: roomNanousd !== undefined && amountNanousd > roomNanousd,
      },
    },
  )
  return {
    outcome: 'posted',
    ...posted,
    hold: { ...hold, postings: hold.postings + 1 },
    resolvesFailure: true,
  }
}
