import { findHold } from '../../database/holds/holds'
import { findEntry } from '../../database/ledgerEntries'
import { HoldMoved, holdNotFound } from '../../domain/decide/holdRefusals'
import { BillingError } from '../../domain/errors'
import { asChargeEntry } from '../../domain/ledger/entry'
import type { Hold } from '../../domain/ledger/hold'
import type { KeyRef } from '../../domain/ledger/keyRef'
import type { Settlement } from '../../domain/stream/state'
import type { Billing } from '../billing'
import { withConcurrencyLimit } from '../withConcurrencyLimit'

/** A stream as the database has it. */
export interface StoredStream {
  hold: Hold
  /** Undefined while the stream is live. */
  settlement: Settlement | undefined
}

export function findStream(
  billing: Pick<Billing, 'database'>,
  ref: KeyRef,
): Promise<StoredStream | undefined> {
  return withConcurrencyLimit(async () => {
    const hold = await findHold(billing.database, ref)
    return hold && { hold, settlement: await settlementOf(billing, hold) }
  })
}

/** How a hold ended; undefined while it is live. */
export async function settlementOf(
  { database }: Pick<Billing, 'database'>,
  { userId, keyId, idempotencyKey, status }: Hold,
): Promise<Settlement | undefined> {
  if (status.state !== 'settled') return undefined
  const { version, amendableUntil, amendedVersion } = status
  const entry = await findEntry(database, { userId, version })
  const adjustment = amendedVersion && (await findEntry(database, { userId, version: amendedVersion }))
  if (entry === undefined) throw new Error(`the settlement of hold ${keyId} is missing`)
  return {
    entry: asChargeEntry(entry),
    idempotencyKey,
    ...(amendableUntil !== undefined && { amendableUntil }),
    ...(adjustment && { adjustment: asChargeEntry(adjustment) }),
  }
}

/** Other postings that may get in between before the work gives up. */
const ATTEMPTS_MAX = 5

/**
 * Reads a stream and works on it. Where the hold moved in the meantime, reads it again and starts over.
 *
 * @throws BillingError HOLD_NOT_FOUND, unless `onMissing` handles it; CONCURRENT_MODIFICATION and the like where it keeps moving
 */
export async function withFreshHold<T>(
  billing: Pick<Billing, 'database'>,
  ref: KeyRef,
  work: (stream: StoredStream) => Promise<T>,
  onMissing = (): Promise<T> => Promise.reject(holdNotFound()),
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const stream = await findStream(billing, ref)
    if (stream === undefined) return await onMissing()
    try {
      return await work(stream)
    } catch (error) {
      if (attempt === ATTEMPTS_MAX || !isMoved(error)) throw error
    }
  }
}

/** The hold was extended, settled or taken over since it was read: read it again. */
export function isMoved(error: unknown): boolean {
  if (!(error instanceof BillingError)) return false
  return (
    error instanceof HoldMoved ||
    error.reason === 'STREAM_FENCED' ||
    error.reason === 'HOLD_NOT_FOUND' ||
    // Another posting of the same number was faster than this one.
    error.reason === 'IDEMPOTENCY_KEY_REUSED'
  )
}
