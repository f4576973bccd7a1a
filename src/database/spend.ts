import { type RawBuilder, type SqlBool, sql } from 'kysely'
import type { SpendDimension, SpendGroup } from '../domain/ledger/spend'
import type { Database } from './database'

export interface SpendFilter {
  groupBy: readonly SpendDimension[]
  /** Inclusive. */
  from: Date | undefined
  /** Exclusive. */
  until: Date
  /** Empty = everybody's. */
  userId: string
}

export interface SpendPage {
  /** Values of the last group of the page before. */
  after: readonly string[] | undefined
  limit: number
}

type GroupRow = Record<`value_${number}`, string> & {
  calls: bigint
  charged: bigint
  adjusted: bigint
  refunded: bigint
  from_allowance: bigint
  from_credits: bigint
  forgone: bigint
  input_tokens: bigint
  output_tokens: bigint
}

/**
 * Sums over entries, ordered by the values that they are grouped by. Without a dimension, one sum of everything.
 *
 * A refund's entry does not name its model or key, so its charge is looked up. Refunds are few: a join of all entries
 * with all charges took far longer than reading them.
 */
export async function sumSpend(
  { kysely }: Database,
  filter: SpendFilter,
  { after, limit, msMax }: SpendPage & { msMax: number },
): Promise<SpendGroup[]> {
  const names = filter.groupBy.map((_, at) => sql.ref(`value_${at}`))
  const grouped = names.length === 0 ? sql`` : sql`group by ${sql.join(names)} order by ${sql.join(names)}`
  const goesOn =
    after === undefined || names.length === 0
      ? sql`true`
      : sql`(${sql.join(names)}) > (${sql.join(after.map((value) => sql`${value}::text`))})`
  const query = sql<GroupRow>`
    select ${names.length === 0 ? sql`` : sql`${sql.join(names)},`}
      count(*) filter (where kind in ('charge', 'settlement')) as calls,
      ${sumOf(sql`-allowance_delta_nanousd - credits_delta_nanousd`, sql`kind in ('charge', 'settlement')`)} as charged,
      ${sumOf(sql`-allowance_delta_nanousd - credits_delta_nanousd`, sql`kind = 'adjustment'`)} as adjusted,
      ${sumOf(sql`allowance_delta_nanousd + credits_delta_nanousd`, sql`kind = 'refund'`)} as refunded,
      ${sumOf(sql`-allowance_delta_nanousd`)} as from_allowance,
      ${sumOf(sql`-credits_delta_nanousd`)} as from_credits,
      ${sumOf(sql`forgone_nanousd`)} as forgone,
      ${sumOf(sql`input_tokens`, sql`kind in ('charge', 'settlement')`)} as input_tokens,
      ${sumOf(sql`output_tokens`, sql`kind in ('charge', 'settlement')`)} as output_tokens
    from (
      select ${valuesOf(filter.groupBy, 'entry')} ${ADDED_UP}, entry.forgone_nanousd, entry.input_tokens, entry.output_tokens
      from ledger_entries as entry ${budgetsOf(filter.groupBy, 'entry')}
      where entry.kind in ('charge', 'settlement', 'adjustment') and ${isWanted(filter)}
      union all
      select ${valuesOf(filter.groupBy, 'charge')} ${ADDED_UP}, null, null, null
      from ledger_entries as entry
        left join lateral (
          select coalesce(
            (select settled_version from holds where user_id = entry.user_id and key_id = entry.charge_key_id),
            (select version from idempotency_keys where user_id = entry.user_id and key_id = entry.charge_key_id)
          ) as version
          offset 0
        ) as refunded on true
        left join lateral (
          select * from ledger_entries where user_id = entry.user_id and version = refunded.version offset 0
        ) as charge on true
        ${budgetsOf(filter.groupBy, 'charge')}
      where entry.kind = 'refund' and ${isWanted(filter)}
    ) as spent
    where ${goesOn}
    ${grouped}
    limit ${limit}`
  const { rows } = await kysely.transaction().execute(async (transaction) => {
    await sql`select set_config('statement_timeout', ${String(msMax)}, true)`.execute(transaction)
    return query.execute(transaction)
  })
  return rows.map((row) => groupFromRow(row, filter.groupBy.length))
}

const ADDED_UP = sql`entry.kind, entry.allowance_delta_nanousd, entry.credits_delta_nanousd`

/** Sums of int8 are numeric. A sum that exceeds int8 ($9.2 billion) is an error rather than a wrong figure. */
function sumOf(value: RawBuilder<unknown>, condition: RawBuilder<SqlBool> | RawBuilder<unknown> = sql`true`) {
  return sql`coalesce(sum(${value}) filter (where ${condition}), 0)::int8`
}

function isWanted({ from, until, userId }: SpendFilter): RawBuilder<unknown> {
  const conditions = [sql`entry.created_at < ${until}`]
  if (from !== undefined) conditions.push(sql`entry.created_at >= ${from}`)
  if (userId !== '') conditions.push(sql`entry.user_id = ${userId}`)
  return sql.join(conditions, sql` and `)
}

/** `of`: the entry itself, or the charge that it refunds, has the model, provider, key and labels. */
function valuesOf(groupBy: readonly SpendDimension[], of: 'entry' | 'charge'): RawBuilder<unknown> {
  const values = groupBy.map(
    (dimension, at) =>
      sql`coalesce(${columnOf(dimension, of)}, '') collate "C" as ${sql.ref(`value_${at}`)}, `,
  )
  return sql.join(values, sql``)
}

/** A row for each budget that counted the call. */
function budgetsOf(groupBy: readonly SpendDimension[], of: 'entry' | 'charge'): RawBuilder<unknown> {
  if (!groupBy.some(({ by }) => by === 'budget')) return sql``
  return sql`
    left join lateral (
      select distinct move.budget as budget_id
      from jsonb_to_recordset(${sql.ref(`${of}.counter_moves`)}) as move (budget text, spent int8)
      where move.spent <> 0
    ) as counting on true`
}

function columnOf(dimension: SpendDimension, of: 'entry' | 'charge'): RawBuilder<unknown> {
  switch (dimension.by) {
    case 'user':
      return sql`entry.user_id`
    case 'day':
      return sql`to_char(entry.created_at at time zone 'UTC', 'YYYY-MM-DD')`
    case 'model':
      return sql.ref(`${of}.priced_model`)
    case 'provider':
      return sql.ref(`${of}.priced_provider`)
    case 'apiKey':
      return sql.ref(`${of}.api_key_id`)
    case 'budget':
      return sql`counting.budget_id`
    case 'label':
      return sql`${sql.ref(`${of}.labels`)} ->> ${dimension.label}::text`
    default:
      return dimension satisfies never
  }
}

function groupFromRow(row: GroupRow, dimensions: number): SpendGroup {
  return {
    values: Array.from({ length: dimensions }, (_, at) => row[`value_${at}`] ?? ''),
    calls: row.calls,
    chargedNanousd: row.charged,
    adjustedNanousd: row.adjusted,
    refundedNanousd: row.refunded,
    fromAllowanceNanousd: row.from_allowance,
    fromCreditsNanousd: row.from_credits,
    forgoneNanousd: row.forgone,
    inputTokens: row.input_tokens,
    outputTokens: row.output_tokens,
  }
}
