import { BillingError, invalidField } from '../errors'
import { availableOf, type User } from '../ledger/user'
import { approximateUsd } from '../money'
import { balanceAboveMaximum, exceedsMaximum } from './limits'
import { nextEntry } from './nextEntry'
import { type Decision, type GrantPosting, refused } from './posting'

/**
 * Adds to a pot, takes from it, or sets it. Neither the pot nor the available balance falls below
 * its floor, except by a chargeback. Its money is gone, so credits fall below zero, nothing is
 * admitted, and the next grants pay the debt first.
 */
export function decideGrant(posting: GrantPosting, { user, at }: { user: User; at: Date }): Decision {
  const potNanousd = posting.pot === 'allowance' ? user.allowanceNanousd : user.creditsNanousd
  const deltaNanousd = posting.mode === 'set' ? posting.amountNanousd - potNanousd : posting.amountNanousd
  const isChargeback = posting.mode === 'chargeback'
  const change =
    posting.pot === 'allowance'
      ? { allowanceDeltaNanousd: deltaNanousd }
      : { creditsDeltaNanousd: deltaNanousd }

  if (isChargeback && posting.pot !== 'credits')
    return refused(invalidField('pot', 'must be POT_CREDITS for a chargeback: nobody paid for an allowance'))
  if (isChargeback && deltaNanousd >= 0n)
    return refused(invalidField('amount_nanousd', 'must be negative for a chargeback'))
  if (exceedsMaximum(user, change)) return refused(balanceAboveMaximum('amount_nanousd'))
  if (deltaNanousd < 0n && !isChargeback && fallsBelowFloor(posting, user, deltaNanousd))
    return refused(belowFloor(posting, user))
  const posted = nextEntry(
    { user, posting, at },
    { kind: 'grant', ...change, ...(posting.reason !== '' && { reason: posting.reason }) },
  )
  return { outcome: 'posted', ...posted, hold: undefined }
}

function fallsBelowFloor({ pot }: GrantPosting, user: User, deltaNanousd: bigint): boolean {
  const nextPotNanousd = (pot === 'allowance' ? user.allowanceNanousd : user.creditsNanousd) + deltaNanousd
  const floorNanousd = pot === 'allowance' ? 0n : -user.overdraftLimitNanousd
  return nextPotNanousd < floorNanousd || availableOf(user) + deltaNanousd < 0n
}

function belowFloor(posting: GrantPosting, user: User): BillingError {
  const pot = posting.pot === 'allowance' ? user.allowanceNanousd : user.creditsNanousd
  return new BillingError(
    'INSUFFICIENT_CREDITS',
    `would take ${posting.pot} or what is available below its floor: ${posting.pot} ${approximateUsd(pot)}, available ${approximateUsd(availableOf(user))}; ` +
      'where a bank has taken the money back, use GRANT_MODE_CHARGEBACK',
    { metadata: { user_id: user.userId } },
  )
}
