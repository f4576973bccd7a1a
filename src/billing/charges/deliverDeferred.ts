import { findFailure } from '../../database/deductionFailures'
import { BillingError, isTransient } from '../../domain/errors'
import { ratedAmountOf } from '../../domain/ledger/charge'
import type { DeferredCharge } from '../../domain/ledger/deferred'
import { asChargeEntry } from '../../domain/ledger/entry'
import { failedDeductionOf } from '../../domain/ledger/failure'
import type { Hold } from '../../domain/ledger/hold'
import { derivedKeyIdOf, publicIdOf } from '../../domain/ledger/ids'
import { keyedRequestOf } from '../../domain/ledger/keyRef'
import { maxOf, type Nanousd } from '../../domain/money'
import { receiptEntryOf } from '../../domain/stream/amendment'
import type { Ending, Settlement } from '../../domain/stream/state'
import type { Delivered } from '../../ledger/spool/drainRound'
import { log } from '../../observability/log'
import { metrics } from '../../observability/metrics'
import type { Billing } from '../billing'
import { amendStream } from '../streams/amendStream'
import { withFreshHold } from '../streams/freshHold'
import { settle } from '../streams/streamPostings'

/**
 * Deducts a deferred charge, unless its key has taken effect in the meantime. A charge that can't be deducted becomes a
 * deduction failure.
 *
 * @throws where it has to be tried again
 */
export async function deliverDeferred(billing: Billing, deferred: DeferredCharge): Promise<Delivered> {
  const { rated, stream } = deferred
  const delivered = await (stream === undefined
    ? deliverCharge(billing, deferred)
    : deliverSettlement(billing, deferred, {
        usage: rated.usage,
        usageSource: rated.usageSource,
        end: stream.end,
        ...(rated.serving !== undefined && { serving: rated.serving }),
      }))
  if (delivered === 'failed') metrics.deferredChargeFailed()
  return delivered
}

/** The ledger looks the key up, and writes the deduction failure where it refuses. */
async function deliverCharge(billing: Billing, deferred: DeferredCharge): Promise<Delivered> {
  const { rated, requestHash, actor = '' } = deferred
  try {
    const posting = { ...keyedRequestOf(deferred), actor, type: 'charge', rated, from: 'spool' } as const
    const { entry, replayed } = await billing.ledger.post(posting)
    if (replayed) return 'dropped'
    metrics.charged(asChargeEntry(entry))
    return 'deducted'
  } catch (error) {
    if (!isFinal(error)) throw error
    if (error.reason === 'IDEMPOTENCY_KEY_REUSED') return await failApart(billing, deferred, error)
    if (error.reason !== 'ALREADY_DECIDED') return 'failed'
    // This call was written off while it waited, or another request under its key was.
    const writtenOff = await findFailure(billing.database, deferred)
    return writtenOff?.requestHash.equals(requestHash) === false
      ? await failApart(billing, deferred, keyReused('another call under this key was written off'))
      : 'dropped'
  }
}

/** The client knows that its close is final. A connection that has taken the stream over since gets the settlement. */
function deliverSettlement(billing: Billing, deferred: DeferredCharge, ending: Ending): Promise<Delivered> {
  return withFreshHold(
    billing,
    deferred,
    async ({ hold, settlement }) => {
      if (!hold.requestHash.equals(deferred.requestHash))
        return await failApart(billing, deferred, keyReused('another stream has this key'))
      if (settlement !== undefined)
        return await deliverAmendment(billing, deferred, { hold, earlier: settlement, ending })
      const { actor = '', rated } = deferred
      const settledBy = { by: 'client', epoch: hold.epoch } as const
      await settle(billing, hold, { actor, ending, settledBy, rated })
      return 'deducted'
    },
    // The database was restored to before the stream was opened.
    () => deliverCharge(billing, deferred),
  )
}

/**
 * The stream was settled in the meantime. A settlement by expiry is amended to what the client reported. A settlement by an
 * operator or by another close is final, but what it left out is owed all the same.
 */
async function deliverAmendment(
  billing: Billing,
  deferred: DeferredCharge,
  { hold, earlier, ending }: { hold: Hold; earlier: Settlement; ending: Ending },
): Promise<Delivered> {
  const { status } = hold
  let settlement = earlier
  if (status.state === 'settled' && status.byExpiry && earlier.adjustment === undefined) {
    const event = await amendStream(billing, { settlement: earlier, ending }, deferred.actor ?? '')
    if (event.type === 'failed') {
      if (!isFinal(event.error)) throw event.error
      return 'failed'
    }
    if (event.type === 'settled') {
      if (!event.replayed) return 'deducted'
      settlement = event.settlement
    }
  }
  const settledNanousd = ratedAmountOf(receiptEntryOf(settlement).charge)
  const missingNanousd = maxOf(deferred.rated.amountNanousd - settledNanousd, 0n)
  if (missingNanousd === 0n) return 'dropped'
  const error = new BillingError(
    'ALREADY_DECIDED',
    'the settlement of this stream cannot be amended any more',
  )
  return await failApart(billing, deferred, error, missingNanousd)
}

/**
 * Writes a deduction failure under its own key, because the client's key belongs to another
 * posting. This key is the same each time the entry is drained.
 */
async function failApart(
  { ledger }: Pick<Billing, 'ledger'>,
  deferred: DeferredCharge,
  error: BillingError,
  amountNanousd: Nanousd = deferred.rated.amountNanousd,
): Promise<Delivered> {
  const { userId, requestHash, rated, actor = '' } = deferred
  const hash = requestHash.toString('hex').slice(0, 16)
  const idempotencyKey = `${publicIdOf('ch', deferred.keyId)}/deferred/${hash}`
  const owner = { userId, keyId: derivedKeyIdOf(userId, idempotencyKey), idempotencyKey, requestHash }
  try {
    await ledger.post({
      ...owner,
      actor,
      type: 'reject',
      error,
      failure: failedDeductionOf(owner, rated, { amountNanousd, reason: error.reason }),
    })
    // It was collected since, under that key.
    return 'dropped'
  } catch (refusal) {
    if (!isFinal(refusal)) throw refusal
    if (refusal !== error) {
      log.warn({ err: refusal, user_id: userId }, 'a deferred charge that failed was decided before')
      return 'dropped'
    }
    return 'failed'
  }
}

/** A decision. Any other error has to be tried again. */
function isFinal(error: unknown): error is BillingError {
  return error instanceof BillingError && !isTransient(error)
}

function keyReused(problem: string): BillingError {
  return new BillingError('IDEMPOTENCY_KEY_REUSED', problem)
}
