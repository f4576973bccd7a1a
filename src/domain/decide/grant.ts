import { BillingError, invalidField } from '../errors'
import { availableOf, type User } from '../ledger/user'
import { approximateUsd, BALANCE_NANOUSD_MAX } from '../money'
import { nextEntry } from './nextEntry'
import { type Decision, type GrantPosting, refused } from './posting'

/** Adds to a pot, takes back from it, or sets it. A pot never falls below its floor, nor does what is available. */
export function decideGrant(posting: GrantPosting, { user, at }: { user: User; at: Date }): Decision {
  const potNanousd = posting.pot === 'allowance' ? user.allowanceNanousd : user.creditsNanousd
  const deltaNanousd = posting.mode === 'set' ? posting.amountNanousd - potNanousd : posting.amountNanousd
  const nextPotNanousd = potNanousd + deltaNanousd
  const floorNanousd = posting.pot === 'allowance' ? 0n : -user.overdraftLimitNanousd

  if (nextPotNanousd > BALANCE_NANOUSD_MAX) {
    return refused(
      invalidField('amount_nanousd', 'would take the balance above its maximum of 10^18 nano-USD'),
    )
  }
  if (deltaNanousd < 0n && (nextPotNanousd < floorNanousd || availableOf(user) + deltaNanousd < 0n)) {
    return refused(belowFloor(posting, user))
  }
  const posted = nextEntry(
    { user, posting, at },
    {
      kind: 'grant',
      ...(posting.pot === 'allowance'
        ? { allowanceDeltaNanousd: deltaNanousd }
        : { creditsDeltaNanousd: deltaNanousd }),
      ...(posting.reason !== '' && { reason: posting.reason }),
    },
  )
  return { outcome: 'posted', ...posted, hold: undefined }
}

function belowFloor(posting: GrantPosting, user: User): BillingError {
  const pot = posting.pot === 'allowance' ? user.allowanceNanousd : user.creditsNanousd
  return new BillingError(
    'INSUFFICIENT_CREDITS',
    `would take ${posting.pot} or what is available below its floor: ${posting.pot} ${approximateUsd(pot)}, available ${approximateUsd(availableOf(user))}`,
    { metadata: { user_id: user.userId } },
  )
}
