import type { BillingError } from '../errors'
import type { Hold } from '../ledger/hold'
import { billedAsTrial } from '../ledger/trial'
import { availableOf, type User } from '../ledger/user'
import { minOf, type Nanousd } from '../money'
import { NO_USAGE } from '../usage/usage'
import { dailyLimitReached, insufficientCredits, suspended, trialExpired, trialLimitReached } from './limits'
import { nextEntry } from './nextEntry'
import type { Decision, OpenPosting, Rules } from './posting'
import { refused } from './refused'
import { creditsRoomOf, type Room, trialHoldRoomOf } from './room'

/** Opens a stream's hold: the input and a first stretch of output, or what there is above the least that is useful. */
export function decideOpen(
  posting: OpenPosting,
  { user, rules, at }: { user: User; rules: Rules; at: Date },
): Decision {
  if (user.suspended) return refused(suspended(user))
  const admitted = admit(posting, { user, rules, at })
  if ('error' in admitted) return refused(admitted.error)

  const { room, trial } = admitted
  const heldNanousd = minOf(room.roomNanousd, posting.wantNanousd)
  const hold: Hold = {
    userId: posting.userId,
    keyId: posting.keyId,
    idempotencyKey: posting.idempotencyKey,
    requestHash: posting.requestHash,
    status:
      heldNanousd < posting.wantNanousd ? { state: 'final', reason: room.limitedBy } : { state: 'open' },
    epoch: 1,
    postings: 0,
    heldNanousd,
    trial,
    open: posting.open,
    sequence: 0n,
    usage: NO_USAGE,
    openedAt: at,
    expiresAt: new Date(at.getTime() + posting.validityMs),
  }
  const posted = nextEntry(
    user,
    {
      kind: 'hold',
      keyId: posting.keyId,
      idempotencyKey: posting.idempotencyKey,
      requestHash: posting.requestHash,
      holdKeyId: posting.keyId,
      ...heldBy(trial, heldNanousd),
    },
    at,
  )
  return { outcome: 'posted', ...posted, hold }
}

/** A hold's change as an entry's: of the user's credits, or of the trial's limit. */
export function heldBy(trial: boolean, deltaNanousd: Nanousd) {
  return trial
    ? { trial: { spentDeltaNanousd: 0n, requestsDelta: 0n, heldDeltaNanousd: deltaNanousd } }
    : { heldDeltaNanousd: deltaNanousd }
}

function admit(
  { minimumNanousd }: OpenPosting,
  { user, rules, at }: { user: User; rules: Rules; at: Date },
): { room: Room; trial: boolean } | { error: BillingError } {
  if (billedAsTrial(user, rules.trial.paidTiers)) {
    const room = trialHoldRoomOf(user, rules, at)
    if (
      room !== undefined &&
      user.trialRequests < rules.trial.requestsMax &&
      room.roomNanousd >= minimumNanousd
    ) {
      return { room, trial: true }
    }
    if (availableOf(user) <= 0n)
      return { error: room === undefined ? trialExpired(user) : trialLimitReached(user) }
  }
  const availableNanousd = availableOf(user)
  if (availableNanousd < minimumNanousd) return { error: insufficientCredits(user, minimumNanousd) }
  const room = creditsRoomOf(user, at)
  if (room.roomNanousd < minimumNanousd) return { error: dailyLimitReached(user, at) }
  return { room, trial: false }
}
