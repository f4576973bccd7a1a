import { findFailure } from '../../database/deductionFailures'
import { findHold } from '../../database/holds/holds'
import { BillingError, isTransient } from '../../domain/errors'
import type { DeferredCharge } from '../../domain/ledger/deferred'
import { failedDeductionOf } from '../../domain/ledger/failure'
import type { Hold } from '../../domain/ledger/hold'
import { derivedKeyIdOf, publicIdOf } from '../../domain/ledger/ids'
import { maxOf, type Nanousd } from '../../domain/money'
import { receiptEntryOf } from '../../domain/stream/amendment'
import type { Ending, Settlement } from '../../domain/stream/state'
import type { Delivered } from '../../ledger/spool/drainRound'
import { log } from '../../observability/log'
import { metrics } from '../../observability/metrics'
import type { Billing } from '../billing'
import { amendStream } from '../streams/amendStream'
import { streamEnded } from '../streams/streamEnds'
import { isMoved, settle, settlementOf } from '../streams/streamPostings'

const ATTEMPTS_MAX = 5

/**
 * Deducts a deferred charge, unless its key has taken effect by now: then it was deducted, by whoever it was. What can't be
 * deducted becomes a deduction failure.
 *
 * @throws where it has to be tried again
 */
export async function deliverDeferred(billing: Billing, deferred: DeferredCharge): Promise<Delivered> {
  const delivered = await (deferred.stream === undefined
    ? deliverCharge(billing, deferred)
    : deliverSettlement(billing, deferred, { ...endingOf(deferred), end: deferred.stream.end }))
  if (delivered === 'failed') metrics.deferredChargeFailed()
  return delivered
}

function endingOf({ call }: DeferredCharge): Pick<Ending, 'usage' | 'usageSource'> {
  return { usage: call.usage, usageSource: call.usageSource }
}

/** The ledger looks the key up, and writes the deduction failure where it refuses. */
async function deliverCharge({ ledger, database }: Billing, deferred: DeferredCharge): Promise<Delivered> {
  const { userId, keyId, idempotencyKey, requestHash, call } = deferred
  try {
    const { entry, replayed } = await ledger.post({
      ...{ userId, keyId, idempotencyKey, requestHash, call },
      type: 'charge',
      enforceDailyLimit: false,
    })
    if (replayed) return 'dropped'
    metrics.charged(entry)
    return 'deducted'
  } catch (error) {
    if (!(error instanceof BillingError) || isTransient(error)) throw error
    if (error.reason === 'IDEMPOTENCY_KEY_REUSED') return await failApart({ ledger }, deferred, error)
    if (error.reason !== 'ALREADY_DECIDED') return 'failed'
    // Written off while it waited, or another request under its key was.
    const writtenOff = await findFailure(database, { userId, keyId })
    return writtenOff?.requestHash.equals(requestHash) === false
      ? await failApart({ ledger }, deferred, keyWrittenOffForAnother())
      : 'dropped'
  }
}

function keyWrittenOffForAnother(): BillingError {
  return new BillingError('IDEMPOTENCY_KEY_REUSED', 'another call under this key was written off')
}

/** The client has closed the stream, and was told that this stands: whoever has taken it over since is told of the end. */
async function deliverSettlement(
  billing: Billing,
  deferred: DeferredCharge,
  ending: Ending,
): Promise<Delivered> {
  for (let attempt = 1; ; attempt++) {
    const hold = await findHold(billing.database, deferred)
    // The books were set back to before the stream was opened.
    if (hold === undefined) return await deliverCharge(billing, deferred)
    if (!hold.requestHash.equals(deferred.requestHash)) {
      return await failApart(
        billing,
        deferred,
        new BillingError('IDEMPOTENCY_KEY_REUSED', 'another stream has this key'),
      )
    }
    const earlier = await settlementOf(billing, hold)
    if (earlier !== undefined) return await deliverAmendment(billing, deferred, { hold, earlier, ending })
    try {
      const settledBy = { by: 'client', epoch: hold.epoch } as const
      await settle(billing, hold, { ending, settledBy, call: deferred.call })
      streamEnded(hold)
      return 'deducted'
    } catch (error) {
      if (attempt === ATTEMPTS_MAX || !(error instanceof BillingError && isMoved(error))) throw error
    }
  }
}

/**
 * It was settled meanwhile. By expiry, that was without what the client said at its close; so it was by an operator, or another
 * close, whose word is final: what they left out is owed all the same.
 */
async function deliverAmendment(
  billing: Billing,
  deferred: DeferredCharge,
  { hold, earlier, ending }: { hold: Hold; earlier: Settlement; ending: Ending },
): Promise<Delivered> {
  const { status } = hold
  let settlement = earlier
  if (status.state === 'settled' && status.byExpiry && earlier.adjustment === undefined) {
    const event = await amendStream(billing, { do: 'amend', settlement: earlier, ending })
    if (event.type === 'failed') {
      if (!(event.error instanceof BillingError) || isTransient(event.error)) throw event.error
      return 'failed'
    }
    if (event.type === 'settled') {
      if (!event.replayed) return 'deducted'
      settlement = event.settlement
    }
  }
  const missingNanousd = maxOf(deferred.call.amountNanousd - settledOf(settlement), 0n)
  if (missingNanousd === 0n) return 'dropped'
  const error = new BillingError(
    'ALREADY_DECIDED',
    'the settlement of this stream cannot be amended any more',
  )
  return await failApart(billing, deferred, error, missingNanousd)
}

function settledOf(settlement: Settlement): Nanousd {
  const { charge } = receiptEntryOf(settlement)
  if (charge === undefined) return 0n
  return charge.amountNanousd + charge.shortfallNanousd + charge.forgoneNanousd
}

/**
 * A deduction failure under a key of its own, where the client's key stands for something else. It is the same key however
 * often the entry is drained.
 */
async function failApart(
  { ledger }: Pick<Billing, 'ledger'>,
  deferred: DeferredCharge,
  error: BillingError,
  amountNanousd: Nanousd = deferred.call.amountNanousd,
): Promise<Delivered> {
  const { userId, requestHash, call } = deferred
  const hash = requestHash.toString('hex').slice(0, 16)
  const idempotencyKey = `${publicIdOf('ch', deferred.keyId)}/deferred/${hash}`
  const owner = { userId, keyId: derivedKeyIdOf(userId, idempotencyKey), idempotencyKey, requestHash }
  try {
    await ledger.post({
      ...owner,
      type: 'reject',
      error,
      failure: failedDeductionOf(owner, call, { amountNanousd, reason: error.reason }),
    })
    // Collected since, under that key.
    return 'dropped'
  } catch (refusal) {
    if (!(refusal instanceof BillingError) || isTransient(refusal)) throw refusal
    if (refusal !== error) {
      log.warn({ err: refusal, user_id: userId }, 'a deferred charge that failed was decided before')
      return 'dropped'
    }
    return 'failed'
  }
}
