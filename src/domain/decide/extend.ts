import { BillingError } from '../errors'
import type { FinalReason, Hold, HoldState } from '../ledger/hold'
import type { User } from '../ledger/user'
import { maxOf, minOf } from '../money'
import { ExtensionDenied, liveHoldOf } from './holdRefusals'
import { creditsRoomOf, trialHoldRoomOf } from './limits'
import { nextEntry } from './nextEntry'
import { heldBy } from './open'
import { type Decision, type ExtendPosting, type Rules, refused } from './posting'

/**
 * Raises a hold as far as the credits reach. If nothing can be added, the refusal names the limit.
 */
export function decideExtend(
  posting: ExtendPosting,
  { user, hold: stored, rules, at }: { user: User; hold: Hold | undefined; rules: Rules; at: Date },
): Decision {
  const hold = liveHoldOf(stored, posting.epoch)
  if (hold instanceof BillingError) return refused(hold)

  const wantedNanousd = maxOf(posting.wantNanousd - hold.heldNanousd, 0n)
  // A hold draws on credits or on the trial's limit from its open to its end.
  // The hold itself is one of the trial's requests.
  const others = { ...user, trialHolds: user.trialHolds - 1n }
  const room = hold.trial ? trialHoldRoomOf(others, rules, at) : creditsRoomOf(user, at)
  const addedNanousd = user.suspended ? 0n : minOf(wantedNanousd, room?.roomNanousd ?? 0n)
  const limitedBy = room?.limitedBy ?? 'trial-limit'
  if (addedNanousd === 0n && wantedNanousd > 0n) return refused(new ExtensionDenied(limitedBy))

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
    { user, posting, at },
    {
      kind: 'hold',
      holdKeyId: posting.holdKeyId,
      ...heldBy(hold.trial, addedNanousd),
    },
  )
  return { outcome: 'posted', ...posted, hold: next }
}

function extendedStatus(final: boolean, reason: FinalReason): HoldState {
  return final ? { state: 'final', reason } : { state: 'open' }
}
