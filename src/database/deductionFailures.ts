import { type Selectable, sql } from 'kysely'
import type { ErrorReason } from '../domain/errors'
import type { DeductionFailure, FailureState } from '../domain/failure'
import type { UsageSource } from '../domain/usage'
import type { Database } from './database'
import { usageFromJson } from './holdRow'
import type { CreditDeductionFailureRow } from './schema'

/** A place in the list: oldest first. */
export type FailurePageKey = Pick<DeductionFailure, 'createdAt' | 'userId' | 'keyId'>

export interface FailureFilter {
  /** Absent = every state. */
  state?: FailureState
  /** Empty = everybody's. */
  userId: string
}

/** Failures, oldest first, those after `after`. */
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
  { userId, keyId }: { userId: string; keyId: string },
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
    model: row.model,
    provider: row.provider,
    serviceTier: row.service_tier,
    occurredAt: row.occurred_at,
    usage: usageFromJson(row.usage),
    usageSource: row.usage_source as UsageSource,
    quoteId: row.quote_id,
    apiKeyId: row.api_key_id,
    labels: row.labels,
    ...(row.price_id !== null && { priceId: row.price_id }),
    ...(row.amount_nanousd !== null && { amountNanousd: row.amount_nanousd }),
    reason: row.reason as ErrorReason,
    attempts: row.attempts,
    state: row.state as FailureState,
    note: row.note,
    createdAt: row.created_at,
    ...(row.resolved_at !== null && { resolvedAt: row.resolved_at }),
  }
}
