import { type Selectable, sql } from 'kysely'
import type { CounterMoveJson } from '../../domain/budget/counter'
import type { EntryKind } from '../../domain/ledger/entry'
import type { IdempotencyKeyRow } from '../schema'
import { builder, namesOf, Parameters, prepared, rowsOf } from '../statements/statement'
import { ENTRY_COLUMNS, HOLD_COLUMNS } from './columns'

// Columns are listed: a column that a later migration adds must not break the plans of an older process.

const ENTRY_ROW = namesOf(ENTRY_COLUMNS)

/** The keys that a statement reads: $1 is their users' ids, $2 their own ids. */
function givenKeys() {
  return rowsOf<Pick<Selectable<IdempotencyKeyRow>, 'user_id' | 'key_id'>, 'i'>(
    'i',
    [
      { name: 'user_id', type: 'text' },
      { name: 'key_id', type: 'uuid' },
    ],
    new Parameters(),
  )
}

/**
 * Reads what keys did before: their request hashes and entries. Without `lateral … limit 1`, a generic plan that was
 * made on an empty table turns the probe into a sequential scan (a third of the rate).
 */
export const READ_KEYS = prepared(
  'read_keys',
  builder
    .selectFrom(givenKeys())
    .crossJoinLateral((query) =>
      query
        .selectFrom('idempotency_keys')
        .select(['request_hash', 'version'])
        .whereRef('idempotency_keys.user_id', '=', 'i.user_id')
        .whereRef('idempotency_keys.key_id', '=', 'i.key_id')
        .limit(sql.lit(1))
        .as('k'),
    )
    .crossJoinLateral((query) =>
      query
        .selectFrom('ledger_entries')
        .select(ENTRY_ROW)
        .whereRef('ledger_entries.user_id', '=', 'i.user_id')
        .whereRef('ledger_entries.version', '=', 'k.version')
        .limit(sql.lit(1))
        .as('e'),
    )
    .select('k.request_hash')
    .select(ENTRY_ROW.map((name) => `e.${name}` as const)),
)

export const READ_FAILURES = prepared(
  'read_failures',
  builder
    .selectFrom(givenKeys())
    .crossJoinLateral((query) =>
      query
        .selectFrom('credit_deduction_failures')
        .select(['user_id', 'key_id', 'state', 'request_hash', 'amount_nanousd', 'deferred'])
        .select((row) => row('hold_key_id', 'is not', row.lit(null)).$castTo<boolean>().as('is_of_stream'))
        .whereRef('credit_deduction_failures.user_id', '=', 'i.user_id')
        .whereRef('credit_deduction_failures.key_id', '=', 'i.key_id')
        .limit(sql.lit(1))
        .as('f'),
    )
    .selectAll('f'),
)

/** Sums what refunds and adjustments changed of charges. They are few, and have an index of their own. */
export const READ_CHANGES = prepared(
  'read_changes',
  builder
    .selectFrom(givenKeys())
    .crossJoinLateral((query) =>
      query
        .selectFrom('ledger_entries')
        .select([
          sql<bigint>`coalesce(sum(allowance_delta_nanousd), 0)::int8`.as('allowance_delta_nanousd'),
          sql<bigint>`coalesce(sum(credits_delta_nanousd), 0)::int8`.as('credits_delta_nanousd'),
          sql<bigint>`coalesce(sum(allowance_delta_nanousd + credits_delta_nanousd)
            filter (where kind = 'refund'), 0)::int8`.as('refunded_nanousd'),
          sql<CounterMoveJson[][] | null>`jsonb_agg(counter_moves order by version)
            filter (where counter_moves is not null)`.as('counter_moves'),
        ])
        .whereRef('ledger_entries.user_id', '=', 'i.user_id')
        .whereRef('ledger_entries.charge_key_id', '=', 'i.key_id')
        // Literally the condition of the partial index: with parameters, Postgres would not use it.
        .where('kind', 'in', [sql.lit<EntryKind>('refund'), sql.lit<EntryKind>('adjustment')])
        .as('c'),
    )
    .select(['i.user_id', 'i.key_id'])
    .select([
      'c.allowance_delta_nanousd',
      'c.credits_delta_nanousd',
      'c.refunded_nanousd',
      'c.counter_moves',
    ]),
)

/**
 * Locks holds in the order of the parameters, which the caller sorts. Recorded progress can't move while a batch is
 * decided.
 */
export const LOCK_HOLDS = prepared(
  'lock_holds',
  builder
    .selectFrom(givenKeys())
    .crossJoinLateral((query) =>
      query
        .selectFrom('holds')
        .select(namesOf(HOLD_COLUMNS))
        .whereRef('holds.user_id', '=', 'i.user_id')
        .whereRef('holds.key_id', '=', 'i.key_id')
        .limit(sql.lit(1))
        .forUpdate()
        .as('h'),
    )
    .selectAll('h'),
)
