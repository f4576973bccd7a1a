import { giveBackMoves } from '../budget/callBudgets'
import type { BudgetFacts } from '../budget/counter'
import { BillingError } from '../errors'
import { type ChargeChanges, countedBy, givenBack, type Taken, takenBy } from '../ledger/chargeState'
import { dayOf, type User } from '../ledger/user'
import { approximateUsd, type Nanousd } from '../money'
import { balanceAboveMaximum, exceedsMaximum } from './limits'
import { nextEntry } from './nextEntry'
import { type Decision, type RefundPosting, refused } from './posting'

/**
 * Gives back what a charge took, to the pots that paid it, credits first: at most what it has taken by now, with everything
 * that was adjusted and refunded since. A refund of a charge of today gives back today's spend, too, and budgets
 * get back what they counted, where their windows still run.
 */
export function decideRefund(
  posting: RefundPosting,
  {
    user,
    changes,
    budgets: { budgets },
    at,
  }: { user: User; changes: ChargeChanges; budgets: BudgetFacts; at: Date },
): Decision {
  const taken = takenBy(posting.charge, changes)
  const amountNanousd = posting.amountNanousd === 0n ? taken.takenNanousd : posting.amountNanousd
  if (amountNanousd === 0n || amountNanousd > taken.takenNanousd) {
    return refused(exceedsCharge(posting, { taken, changes, amountNanousd }))
  }
  const split = givenBack(taken, amountNanousd)
  if (exceedsMaximum(user, split)) return refused(balanceAboveMaximum('amount_nanousd'))
  // Of a charge of today, everything was taken today.
  const isToday = dayOf(posting.charge.createdAt) === dayOf(at)
  const posted = nextEntry(
    { user, posting, at },
    {
      kind: 'refund',
      chargeKeyId: posting.chargeKeyId,
      ...split,
      ...(isToday && { spentDeltaNanousd: -amountNanousd }),
      counterMoves: giveBackMoves(amountNanousd, countedBy(posting.charge, changes), { budgets, at }),
      ...(posting.reason !== '' && { reason: posting.reason }),
    },
  )
  return { outcome: 'posted', ...posted, hold: undefined }
}

function exceedsCharge(
  { userId }: RefundPosting,
  {
    taken: { takenNanousd },
    changes: { refundedNanousd },
    amountNanousd,
  }: { taken: Taken; changes: ChargeChanges; amountNanousd: Nanousd },
): BillingError {
  const left = takenNanousd === 0n ? 'nothing' : `at most ${approximateUsd(takenNanousd)}`
  return new BillingError(
    'REFUND_EXCEEDS_CHARGE',
    `${left} is left of this charge to be given back, ${approximateUsd(refundedNanousd)} was refunded before`,
    { metadata: { user_id: userId, requested: approximateUsd(amountNanousd) } },
  )
}
