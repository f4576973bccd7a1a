import { BillingError, invalidField } from '../errors'
import { type ChargeChanges, givenBack, type Taken, takenBy } from '../ledger/chargeState'
import type { User } from '../ledger/user'
import { approximateUsd, BALANCE_NANOUSD_MAX, type Nanousd } from '../money'
import { nextEntry } from './nextEntry'
import { type Decision, type RefundPosting, refused } from './posting'

/**
 * Gives back what a charge took, to the pots that paid it, credits first: at most what it has taken by now, with all that was
 * adjusted and refunded since. The day's spend stays: a limit that a refund could make room in would be no limit.
 */
export function decideRefund(
  posting: RefundPosting,
  { user, changes, at }: { user: User; changes: ChargeChanges; at: Date },
): Decision {
  const taken = takenBy(posting.charge, changes)
  const amountNanousd = posting.amountNanousd === 0n ? taken.takenNanousd : posting.amountNanousd
  if (amountNanousd === 0n || amountNanousd > taken.takenNanousd) {
    return refused(exceedsCharge(posting, { taken, changes, amountNanousd }))
  }
  const split = givenBack(taken, amountNanousd)
  if (
    user.creditsNanousd + split.creditsDeltaNanousd > BALANCE_NANOUSD_MAX ||
    user.allowanceNanousd + split.allowanceDeltaNanousd > BALANCE_NANOUSD_MAX
  ) {
    return refused(
      invalidField('amount_nanousd', 'would take the balance above its maximum of 10^18 nano-USD'),
    )
  }
  const posted = nextEntry(
    { user, posting, at },
    {
      kind: 'refund',
      chargeKeyId: posting.chargeKeyId,
      ...split,
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
