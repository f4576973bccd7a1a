import { type Selectable, sql } from 'kysely'
import type { ErrorReason } from '../domain/errors'
import type { Actor } from '../domain/ledger/actor'
import type { PricedAs } from '../domain/ledger/charge'
import type { DeductionFailure, FailureState } from '../domain/ledger/failure'
import type { KeyRef } from '../domain/ledger/keyRef'
import { servingFromJson } from '../domain/ledger/serving'
import { usageFromText } from '../domain/usage/usage'
import type { Database } from './database'
import type { CreditDeductionFailureRow } from './schema'

/** A place in the list: oldest first. */
export type FailurePageKey = Pick<DeductionFailure, 'createdAt' | 'userId' | 'keyId'>

export interface FailureFilter {
  /** Absent = every state. */
  state?: FailureState
  /** Empty = everybody's. */
  userId: string
}

/** The failures after `after`, oldest first. */
export async function listFailureRows(
  { kysely }: Database,
  { state, userId }: FailureFilter,
  { after, limit }: { after: FailurePageKey | undefined; limit: number },
): Promise<DeductionFailure[]> {
  let query = kysely.selectFrom('credit_deduction_failures').selectAll()
  if (state !== undefined) query = query.where('state', '=', state)
  if (userId !== '') query = query.where('user_id', '=', userId)
  if (after !== undefined) {
    query = query.where(
      sql<boolean>`(created_at, user_id, key_id) > (${after.createdAt}, ${after.userId}, ${after.keyId}::uuid)`,
    )
  }
  const rows = await query.orderBy('created_at').orderBy('user_id').orderBy('key_id').limit(limit).execute()
  return rows.map(failureFromRow)
}

export async function findFailure(
  { kysely }: Database,
  { userId, keyId }: KeyRef,
): Promise<DeductionFailure | undefined> {
  const row = await kysely
    .selectFrom('credit_deduction_failures')
    .selectAll()
    .where('user_id', '=', userId)
    .where('key_id', '=', keyId)
    .executeTakeFirst()
  return row && failureFromRow(row)
}

function failureFromRow(row: Selectable<CreditDeductionFailureRow>): DeductionFailure {
  return {
    userId: row.user_id,
    keyId: row.key_id,
    idempotencyKey: row.idempotency_key,
    requestHash: row.request_hash,
    ...(row.hold_key_id !== null && { holdKeyId: row.hold_key_id }),
    reported: {
      model: row.model,
      provider: row.provider,
      serviceTier: row.service_tier,
      quoteId: row.quote_id,
      apiKeyId: row.api_key_id,
      labels: row.labels,
      occurredAt: row.occurred_at,
    },
    ...(row.provider_usage === null ? { usage: usageFromText(row.usage) } : { body: row.provider_usage }),
    usageSource: row.usage_source,
    ...(row.serving !== null && { serving: servingFromJson(row.serving) }),
    ...pricedFromRow(row),
    ...(row.amount_nanousd !== null && { amountNanousd: row.amount_nanousd }),
    reason: row.reason,
    ...(row.deferred && { deferred: true }),
    attempts: row.attempts,
    state: row.state,
    note: row.note,
    createdAt: row.created_at,
    ...(row.resolved_at !== null && { resolvedAt: row.resolved_at }),
    ...(row.actor !== null && { actor: row.actor }),
  }
}

/** Absent where the call has no price, and in rows from before these columns. */
function pricedFromRow(row: Selectable<CreditDeductionFailureRow>): { priced?: PricedAs } {
  const { price_id, priced_model, priced_provider, price_source, markup_basis_points, quote_expired } = row
  if (
    price_id === null ||
    priced_model === null ||
    priced_provider === null ||
    price_source === null ||
    markup_basis_points === null
  )
    return {}
  return {
    priced: {
      priceId: price_id,
      model: priced_model,
      provider: priced_provider,
      source: price_source,
      markupBasisPoints: markup_basis_points,
      quoteExpired: quote_expired ?? false,
    },
  }
}

/** The key has taken effect already. Whether this call is owed as well, a person has to decide. */
const REASONS_IN_DOUBT: readonly ErrorReason[] = ['IDEMPOTENCY_KEY_REUSED', 'ALREADY_DECIDED']

/**
 * What a user certainly owes: pending failures with a known amount, oldest first. Uses the index
 * `credit_deduction_failures_of_user`.
 */
export async function listOwedRows(
  { kysely }: Database,
  userId: string,
  { after, limit }: { after: FailurePageKey | undefined; limit: number },
): Promise<DeductionFailure[]> {
  let query = kysely
    .selectFrom('credit_deduction_failures')
    .selectAll()
    .where('user_id', '=', userId)
    .where('state', '=', 'pending')
    .where('amount_nanousd', 'is not', null)
    .where('reason', 'not in', REASONS_IN_DOUBT)
  if (after !== undefined)
    query = query.where(sql<boolean>`(created_at, key_id) > (${after.createdAt}, ${after.keyId}::uuid)`)
  const rows = await query.orderBy('created_at').orderBy('key_id').limit(limit).execute()
  return rows.map(failureFromRow)
}

/**
 * Writes a pending failure off, under its user's lock, so that no posting collects it at the same moment. Its stream
 * can't be amended afterwards, because another shortfall could not be listed. False = nothing was pending, or the
 * stream is still open.
 */
export async function writeOffFailureRow(
  { kysely }: Database,
  { userId, keyId }: KeyRef,
  { note, actor }: { note: string; actor: Actor },
): Promise<boolean> {
  return await kysely.transaction().execute(async (transaction) => {
    await transaction
      .selectFrom('users')
      .select('user_id')
      .where('user_id', '=', userId)
      .forNoKeyUpdate()
      .execute()
    const ofKey = { user_id: userId, key_id: keyId }
    const failure = await transaction
      .selectFrom('credit_deduction_failures')
      .select('hold_key_id')
      .where((where) => where.and({ ...ofKey, state: 'pending' }))
      .forUpdate()
      .executeTakeFirst()
    if (failure === undefined) return false
    const ofHold = { user_id: userId, key_id: failure.hold_key_id ?? keyId }
    const hold = await transaction
      .selectFrom('holds')
      .select('state')
      .where((where) => where.and(ofHold))
      .forUpdate()
      .executeTakeFirst()
    if (hold !== undefined && hold.state !== 'settled') return false
    await transaction
      .updateTable('credit_deduction_failures')
      .set({ state: 'written-off', note, actor: actor || null, resolved_at: sql`clock_timestamp()` })
      .where((where) => where.and(ofKey))
      .execute()
    await transaction
      .updateTable('holds')
      .set({ amendable_until: null })
      .where((where) => where.and(ofHold))
      .execute()
    return true
  })
}
