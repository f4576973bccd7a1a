import { BillingError } from '../errors'
import type { FinalReason, Hold, HoldState } from '../ledger/hold'
import type { User } from '../ledger/user'
import { maxOf, minOf } from '../money'
import { liveHoldOf } from './liveHold'
import { nextEntry } from './nextEntry'
import { heldBy } from './open'
import type { Decision, ExtendPosting, Rules } from './posting'
import { refused } from './refused'
import { creditsRoomOf, trialHoldRoomOf } from './room'

/** The reason of a refused extension, in the refusal's metadata, as the grant will name it. */
export const FINAL_REASON = 'final_reason'

/** Raises a hold as far as the credits go. Nothing left to add is a refusal that names what stops it. */
export function decideExtend(
  posting: ExtendPosting,
  { user, hold: stored, rules, at }: { user: User; hold: Hold | undefined; rules: Rules; at: Date },
): Decision {
  const hold = liveHoldOf(stored, posting.epoch)
  if (hold instanceof BillingError) return refused(hold)

  const wantedNanousd = maxOf(posting.wantNanousd - hold.heldNanousd, 0n)
  // Credits may be out while the trial lasts and the other way round; a hold draws on one of the two to its end.
  const room = hold.trial ? trialHoldRoomOf(user, rules, at) : creditsRoomOf(user, at)
  const addedNanousd = user.suspended ? 0n : minOf(wantedNanousd, room?.roomNanousd ?? 0n)
  const limitedBy = room?.limitedBy ?? 'trial-limit'
  if (addedNanousd === 0n && wantedNanousd > 0n) return refused(cannotExtend(limitedBy))

  const next: Hold = {
    ...hold,
    status: extendedStatus(addedNanousd < wantedNanousd, limitedBy),
    postings: hold.postings + 1,
    heldNanousd: hold.heldNanousd + addedNanousd,
    sequence: maxOf(posting.sequence, hold.sequence),
    usage: posting.sequence > hold.sequence ? posting.usage : hold.usage,
    expiresAt: new Date(at.getTime() + posting.validityMs),
  }
  const posted = nextEntry(
    user,
    {
      kind: 'hold',
      keyId: posting.keyId,
      idempotencyKey: posting.idempotencyKey,
      requestHash: posting.requestHash,
      holdKeyId: posting.holdKeyId,
      ...heldBy(hold.trial, addedNanousd),
    },
    at,
  )
  return { outcome: 'posted', ...posted, hold: next }
}

function extendedStatus(final: boolean, reason: FinalReason): HoldState {
  return final ? { state: 'final', reason } : { state: 'open' }
}

function cannotExtend(limitedBy: FinalReason): BillingError {
  return new BillingError('INSUFFICIENT_CREDITS', 'the hold cannot be extended', {
    metadata: { [FINAL_REASON]: limitedBy },
  })
}
