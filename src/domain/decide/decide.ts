import { NO_BUDGETS } from '../budget/counter'
import { BillingError, unreachable } from '../errors'
import { UNCHANGED } from '../ledger/chargeState'
import { AHEAD_MS_MAX } from '../ledger/entry'
import { type FailedDeduction, failedDeductionOf } from '../ledger/failure'
import type { User } from '../ledger/user'
import { decideAdjust } from './adjust'
import { decideCharge } from './charge'
import { decideCollect } from './collect'
import { decideDeleteBudget } from './deleteBudget'
import { decideExtend } from './extend'
import { decideGrant } from './grant'
import { decideOpen } from './open'
import { type Decision, type Facts, type Posting, type Rules, refused } from './posting'
import { decidePutBudget } from './putBudget'
import { decideRefund } from './refund'
import { decideSettle } from './settle'
import { decideUpdate } from './update'

/**
 * Decides one posting from the facts. Every change of a user is decided here, and only here.
 *
 * The order of the checks is the order of precedence of the errors: what the key already did, then the user, then what
 * the posting asks for. All checks come first; after them the posting takes effect as a whole.
 *
 * `now` is database time, never before the user's last entry (see {@link entryTimeOf}).
 */
export function decide(
  facts: Facts,
  posting: Posting,
  { rules, now }: { rules: Rules; now: Date },
): Decision {
  if (facts.known !== undefined) return decideKnown(facts.known, facts, posting)
  if (facts.failure?.state === 'written-off' && !facts.failure.isOfStream) return refused(keyWrittenOff())
  if (facts.user === undefined) return refused(userNotFound(posting.userId), failureForUnknownUser(posting))
  if (isOwed(facts) && takesKeyOfCall(posting, facts.failure)) return refused(keyOwed(posting.idempotencyKey))
  if (isStaleRetry(facts, posting)) return refused(failureMoved())

  const user = facts.user
  const decision = decideNew(facts, posting, { user, rules, now })
  if (decision.outcome === 'posted') decision.resolvesFailure ??= isOwed(facts)
  return decision
}

function decideNew(
  facts: Facts,
  posting: Posting,
  { user, rules, now }: { user: User; rules: Rules; now: Date },
): Decision {
  const at = entryTimeOf(user, posting, now)
  const { changes = UNCHANGED, budgets = NO_BUDGETS, storedBudget } = facts
  const failures = { shortfall: facts.failure, refusedClose: facts.refusedClose }
  switch (posting.type) {
    case 'charge':
      return decideCharge(posting, { user, budgets, rules, at })
    case 'reject':
      return refused(posting.error, posting.failure)
    case 'grant':
      return decideGrant(posting, { user, at })
    case 'open':
      return decideOpen(posting, { user, budgets, rules, at })
    case 'extend':
      return decideExtend(posting, { user, hold: facts.hold, budgets, rules, at })
    case 'settle':
      return decideSettle(posting, { user, hold: facts.hold, failures, budgets, at })
    case 'adjust':
      return decideAdjust(posting, { user, hold: facts.hold, failures, changes, budgets, rules, at })
    case 'collect':
      return decideCollect(posting, { user, hold: facts.hold, failure: facts.failure, budgets, at })
    case 'refund':
      return decideRefund(posting, { user, changes, budgets, at })
    case 'update':
      return decideUpdate(posting, { user, at })
    case 'put-budget':
      return decidePutBudget(posting, { user, budgets: budgets.budgets, stored: storedBudget, at })
    case 'delete-budget':
      return decideDeleteBudget(posting, { user, stored: storedBudget, at })
    default:
      return unreachable(posting)
  }
}

/** A deferred or failed call was accepted before its user could be looked up, so the refusal must not lose it. */
function failureForUnknownUser(posting: Posting): FailedDeduction | undefined {
  if (posting.type !== 'charge' || posting.from === 'call') return undefined
  return failedDeductionOf(posting, posting.rated, {
    amountNanousd: posting.rated.amountNanousd,
    reason: 'USER_NOT_FOUND',
    deferred: posting.from === 'spool',
  })
}

/**
 * An entry is never older than the one before it, whatever the clocks show. If that one is dated
 * far ahead because the database's clock once was, an operator's update brings the user back to
 * today.
 */
function entryTimeOf({ lastEntryAt }: User, { type }: Posting, now: Date): Date {
  if (now >= lastEntryAt) return now
  const isFarAhead = lastEntryAt.getTime() - now.getTime() > AHEAD_MS_MAX
  return type === 'update' && isFarAhead ? now : lastEntryAt
}

/** A call is still owed under the key. A stream's failure is not: its key has taken effect, and only its end is unpaid. */
function isOwed({ failure }: Facts): boolean {
  return failure?.state === 'pending' && !failure.isOfStream
}

/**
 * A posting that is no charge must not use up the key of a call that is owed: the call could not be deducted any more. Nor may
 * another charge take the key of one that was deferred, because that one was accepted.
 */
function takesKeyOfCall({ type, requestHash }: Posting, failure: Facts['failure']): boolean {
  if (USES_UP_KEY.has(type)) return true
  const isOther = failure?.deferred === true && !failure.requestHash.equals(requestHash)
  return isOther && (type === 'charge' || type === 'reject')
}

const USES_UP_KEY: ReadonlySet<Posting['type']> = new Set([
  'grant',
  'refund',
  'update',
  'open',
  'put-budget',
  'delete-budget',
])

/** Another request has been refused under the key since the failure was read, and has replaced it. */
function isStaleRetry({ failure }: Facts, posting: Posting): boolean {
  if (!('from' in posting) || posting.from !== 'retry') return false
  return failure?.state !== 'pending' || !failure.requestHash.equals(posting.requestHash)
}

function decideKnown(known: NonNullable<Facts['known']>, facts: Facts, posting: Posting): Decision {
  if (!known.requestHash.equals(posting.requestHash)) return refused(keyReused(posting.idempotencyKey))
  return {
    outcome: 'replayed',
    entry: known.entry,
    hold: facts.hold,
    resolvesFailure: isOwed(facts),
  }
}

function keyReused(idempotencyKey: string): BillingError {
  return new BillingError(
    'IDEMPOTENCY_KEY_REUSED',
    `idempotency_key ${JSON.stringify(idempotencyKey)} was used for a different request; send the same request again, or a new key`,
    { field: 'idempotency_key' },
  )
}

function keyOwed(idempotencyKey: string): BillingError {
  return new BillingError(
    'IDEMPOTENCY_KEY_REUSED',
    `idempotency_key ${JSON.stringify(idempotencyKey)} is that of a call that could not be deducted yet; send that call again, or use a new key`,
    { field: 'idempotency_key' },
  )
}

function failureMoved(): BillingError {
  return new BillingError(
    'CONCURRENT_MODIFICATION',
    'another request was refused under the key of this failure, and has taken its place; retry that',
  )
}

function keyWrittenOff(): BillingError {
  return new BillingError(
    'ALREADY_DECIDED',
    'the deduction under this idempotency_key failed and was written off; use a new key',
  )
}

function userNotFound(userId: string): BillingError {
  return new BillingError('USER_NOT_FOUND', `there is no user ${JSON.stringify(userId)}; create it first`, {
    field: 'user_id',
  })
}
