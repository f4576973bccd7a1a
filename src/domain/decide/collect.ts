import { BillingError } from '../errors'
import type { Hold } from '../ledger/hold'
import { availableOf, type User } from '../ledger/user'
import { chargeOf } from './adjust'
import { deductionOf } from './charge'
import { dailyRoomOf, insufficientCredits } from './limits'
import { nextEntry } from './nextEntry'
import type { CollectPosting, Decision, StandingFailure } from './posting'
import { refused } from './refused'
import { holdMoved } from './settle'

/**
 * Takes what a stream's settlement fell short of, all of it or nothing. The entry adjusts the stream's charge; like any other
 * adjustment it is flagged, not limited: the generation was made long ago.
 */
export function decideCollect(
  posting: CollectPosting,
  {
    user,
    hold,
    failure,
    at,
  }: { user: User; hold: Hold | undefined; failure: StandingFailure | undefined; at: Date },
): Decision {
  if (hold === undefined) return refused(new BillingError('HOLD_NOT_FOUND', 'there is no such hold'))
  if (hold.status.state !== 'settled' || hold.postings !== posting.holdPostings) return refused(holdMoved())
  if (failure?.state !== 'pending' || !failure.isOfStream || failure.amountNanousd === undefined) {
    return refused(new BillingError('ALREADY_DECIDED', 'nothing of this stream is left to be collected'))
  }
  const { amountNanousd } = failure
  if (amountNanousd > availableOf(user)) return refused(insufficientCredits(user, amountNanousd))

  const roomNanousd = dailyRoomOf(user, at)
  const posted = nextEntry(
    user,
    {
      kind: 'adjustment',
      keyId: posting.keyId,
      idempotencyKey: posting.idempotencyKey,
      requestHash: posting.requestHash,
      chargeKeyId: hold.keyId,
      holdKeyId: hold.keyId,
      ...deductionOf(user, amountNanousd),
      charge: {
        ...chargeOf(posting),
        amountNanousd,
        shortfallNanousd: -amountNanousd,
        forgoneNanousd: 0n,
        overDailyLimit: roomNanousd !== undefined && amountNanousd > roomNanousd,
      },
    },
    at,
  )
  return {
    outcome: 'posted',
    ...posted,
    hold: { ...hold, postings: hold.postings + 1 },
    resolvesFailure: true,
  }
}
