import { type AliasableExpression, expressionBuilder, type RawBuilder, type Selectable, sql } from 'kysely'
import type { FailureState } from '../../domain/ledger/failure'
import type {
  BudgetCounterRow,
  BudgetTotalRow,
  CreditDeductionFailureRow,
  HoldRow,
  IdempotencyKeyRow,
  LedgerEntryRow,
  Schema,
} from '../schema'
import {
  columnsFrom,
  namesOf,
  Parameters,
  prepared,
  rowsOf,
  type TypedColumn,
  valuesFor,
} from '../statements/statement'
import { oneUser, swapUser, swapUsers } from '../users/userStatements'
import { COUNTED_COLUMNS, COUNTER_COLUMNS, COUNTER_KEY_COLUMNS } from './budgetColumns'
import { ENTRY_COLUMNS, FAILURE_COLUMNS, HOLD_COLUMNS } from './columns'

const ENTRY_ROW = namesOf(ENTRY_COLUMNS)
const KEY_ROW = ['user_id', 'key_id', 'request_hash', 'version'] as const
const KEY_COLUMNS: readonly TypedColumn<'user_id' | 'key_id'>[] = [
  { name: 'user_id', type: 'text' },
  { name: 'key_id', type: 'uuid' },
]

const ACTOR_COLUMN: TypedColumn<'actor'> = { name: 'actor', type: 'text' }

/** Every write returns the database's time and the ids of the swapped users. */
const ANSWER = [
  sql<Date>`clock_timestamp()`.as('now'),
  sql<string[]>`array(select user_id from swapped)`.as('user_ids'),
] as const

/**
 * Writes charges and grants in one statement, which is a transaction of its own. Only users whose version is still the
 * one that was read are swapped, and keys and entries are written for those users alone. A key or a version that exists
 * already fails the whole statement.
 */
export const SWAP = prepared('swap', swapAndPost(new Parameters()).selectNoFrom(ANSWER))

/** Writes holds and deduction failures as well, in a transaction that holds the users' locks. */
export const SWAP_WITH_HOLDS = prepared('swap_with_holds', swapWithHolds(new Parameters()))

/**
 * Writes one entry of one user, with a parameter for each value. Setting up the array functions takes Postgres longer
 * than writing one row (0.82 ms against 0.47).
 */
export const SWAP_ONE = prepared('swap_one', swapOne({ onlyNewKeys: false }))

/**
 * Writes one entry whose key was not read before. If anything is known under the key, it writes nothing and returns
 * `is_known`. One probe in the statement's own snapshot replaces two statements of a read.
 */
export const SWAP_NEW_KEY = prepared('swap_new_key', swapOne({ onlyNewKeys: true }))

/**
 * Like {@link SWAP}, and writes what the entries moved in budgets' counters. Statements of their own: setting up more arrays
 * would cost users without budgets.
 */
export const SWAP_WITH_COUNTERS = prepared('swap_with_counters', swapWithCounters(new Parameters()))

export const SWAP_WITH_HOLDS_AND_COUNTERS = prepared(
  'swap_with_holds_and_counters',
  swapWithHoldsAndCounters(new Parameters()),
)

/** Swaps users, and posts the keys and entries of those that were swapped. */
function swapAndPost(parameters: Parameters) {
  const swap = swapUsers(parameters)
  const posts = rowsOf<Selectable<LedgerEntryRow> & Pick<Selectable<IdempotencyKeyRow>, 'request_hash'>, 'i'>(
    'i',
    [...ENTRY_COLUMNS, { name: 'request_hash', type: 'bytea' }],
    parameters,
  )
  return swap
    .with(
      (name) => name('posted').materialized(),
      (query) =>
        query
          .selectFrom(posts)
          .selectAll('i')
          .where('i.user_id', 'in', (inner) => inner.selectFrom('swapped').select('swapped.user_id')),
    )
    .with('keys', (query) =>
      query
        .insertInto('idempotency_keys')
        .columns(KEY_ROW)
        .expression((row) => row.selectFrom('posted').select(KEY_ROW)),
    )
    .with('entries', (query) =>
      query
        .insertInto('ledger_entries')
        .columns(ENTRY_ROW)
        .expression((row) => row.selectFrom('posted').select(ENTRY_ROW)),
    )
}

function swapWithCounters(parameters: Parameters) {
  return withCounters(swapAndPost(parameters), parameters).selectNoFrom(ANSWER)
}

function swapWithHoldsAndCounters(parameters: Parameters) {
  return withCounters(withHolds(swapAndPost(parameters), parameters), parameters).selectNoFrom(ANSWER)
}

function swapWithHolds(parameters: Parameters) {
  return withHolds(swapAndPost(parameters), parameters).selectNoFrom(ANSWER)
}

/**
 * Writes counters of the swapped users, and how many of them are new. Those that are there are updated: an insert that finds a
 * conflict locks the row first, which takes Postgres as long again.
 */
function withCounters<S extends ReturnType<typeof swapAndPost>>(swap: S, parameters: Parameters) {
  const begun = rowsOf<Selectable<BudgetCounterRow>, 'b'>('b', COUNTER_COLUMNS, parameters)
  const counted = rowsOf<Selectable<BudgetCounterRow>, 'c'>(
    'c',
    [...COUNTER_KEY_COLUMNS, ...COUNTED_COLUMNS],
    parameters,
  )
  const made = rowsOf<Pick<Selectable<BudgetTotalRow>, 'user_id' | 'counters'>, 'm'>(
    'm',
    [
      { name: 'user_id', type: 'text' },
      { name: 'counters', type: 'int8' },
    ],
    parameters,
  )
  const counterRow = namesOf(COUNTER_COLUMNS)
  return swap
    .with('begun', (query) =>
      query
        .insertInto('budget_counters')
        .columns(counterRow)
        .expression((row) =>
          row
            .selectFrom(begun)
            .select(counterRow)
            .where('b.user_id', 'in', (inner) => inner.selectFrom('swapped').select('swapped.user_id')),
        ),
    )
    .with('counted', (query) =>
      query
        .updateTable('budget_counters as t')
        .from(counted)
        .set(columnsFrom('c', COUNTED_COLUMNS))
        .whereRef('t.user_id', '=', 'c.user_id')
        .whereRef('t.budget_id', '=', 'c.budget_id')
        .whereRef('t.generation', '=', 'c.generation')
        .whereRef('t.window_from', '=', 'c.window_from')
        .whereRef('t.group_id', '=', 'c.group_id')
        .where('c.user_id', 'in', (inner) => inner.selectFrom('swapped').select('swapped.user_id')),
    )
    .with('made', (query) =>
      query
        .insertInto('budget_totals')
        .columns(['user_id', 'counters', 'cleaned_sum'])
        .expression((row) =>
          row
            .selectFrom(made)
            .select(['m.user_id', 'm.counters'])
            .select(sql<string>`0::numeric`.as('cleaned_sum'))
            .where('m.user_id', 'in', (inner) => inner.selectFrom('swapped').select('swapped.user_id')),
        )
        .onConflict((conflict) =>
          conflict.column('user_id').doUpdateSet((row) => ({
            counters: row('budget_totals.counters', '+', row.ref('excluded.counters')),
          })),
        ),
    )
}

function withHolds(swap: ReturnType<typeof swapAndPost>, parameters: Parameters) {
  const opened = rowsOf<Selectable<HoldRow>, 'h'>('h', HOLD_COLUMNS, parameters)
  const changed = rowsOf<Selectable<HoldRow>, 'h'>('h', HOLD_COLUMNS, parameters)
  const failed = rowsOf<Selectable<CreditDeductionFailureRow>, 'f'>('f', FAILURE_COLUMNS, parameters)
  const resolved = rowsOf<Pick<CreditDeductionFailureRow, 'user_id' | 'key_id' | 'actor'>, 'r'>(
    'r',
    [...KEY_COLUMNS, ACTOR_COLUMN],
    parameters,
  )
  const holdRow = namesOf(HOLD_COLUMNS)
  const failureRow = namesOf(FAILURE_COLUMNS)
  const pending = sql.lit<FailureState>('pending')
  return swap
    .with('opened', (query) =>
      query
        .insertInto('holds')
        .columns(holdRow)
        .expression((row) =>
          row
            .selectFrom(opened)
            .select(holdRow)
            .where('h.user_id', 'in', (inner) => inner.selectFrom('swapped').select('swapped.user_id')),
        ),
    )
    .with('changed', (query) =>
      query
        .updateTable('holds as t')
        .from(changed)
        .set(
          columnsFrom(
            'h',
            HOLD_COLUMNS.filter(({ name }) => name !== 'user_id' && name !== 'key_id'),
          ),
        )
        .whereRef('t.user_id', '=', 'h.user_id')
        .whereRef('t.key_id', '=', 'h.key_id')
        .whereRef('t.epoch', '=', 'h.epoch')
        .where('h.user_id', 'in', (inner) => inner.selectFrom('swapped').select('swapped.user_id')),
    )
    .with('failed', (query) =>
      query
        .insertInto('credit_deduction_failures')
        .columns([...failureRow, 'state'])
        .expression((row) =>
          row
            .selectFrom(failed)
            .select(failureRow)
            .select(pending.as('state'))
            // A shortfall belongs to a settlement, so it needs the swap. A refused call needs no swap.
            .where((f) =>
              f.or([
                f('f.hold_key_id', 'is', f.lit(null)),
                f('f.amount_nanousd', 'is', f.lit(null)),
                f('f.user_id', 'in', f.selectFrom('swapped').select('swapped.user_id')),
              ]),
            ),
        )
        .onConflict((conflict) =>
          conflict
            .columns(['user_id', 'key_id'])
            .doUpdateSet((row) => {
              const isPending = row('credit_deduction_failures.state', '=', pending)
              return {
                ...columnsFrom('excluded', FAILURE_COLUMNS.filter(isReplaced)),
                attempts: row(
                  'excluded.attempts',
                  '+',
                  row
                    .case()
                    .when(isPending)
                    .then(row.ref('credit_deduction_failures.attempts'))
                    .else(row.lit(0))
                    .end(),
                ),
                state: pending,
                resolved_at: row.lit(null),
                actor: row.lit(null),
                created_at: row
                  .case()
                  .when(isPending)
                  .then(row.ref('credit_deduction_failures.created_at'))
                  .else(row.ref('excluded.created_at'))
                  .end(),
                deferred: row
                  .or([
                    row.ref('excluded.deferred'),
                    row.and([row.ref('credit_deduction_failures.deferred'), isPending]),
                  ])
                  .$castTo<boolean>(),
              }
            })
            .where('credit_deduction_failures.state', '<>', sql.lit<FailureState>('written-off')),
        ),
    )
    .with('resolved', (query) =>
      query
        .updateTable('credit_deduction_failures as t')
        .set({
          state: sql.lit<FailureState>('resolved'),
          resolved_at: sql`clock_timestamp()`,
          ...columnsFrom('r', [ACTOR_COLUMN]),
        })
        .from(resolved)
        .whereRef('t.user_id', '=', 'r.user_id')
        .whereRef('t.key_id', '=', 'r.key_id')
        .where('t.state', '=', pending),
    )
}

/** A key names one call, so a later request under it replaces the earlier one as a whole. */
function isReplaced({ name }: { name: keyof CreditDeductionFailureRow }): boolean {
  return !['user_id', 'key_id', 'created_at', 'attempts', 'deferred'].includes(name)
}

function swapOne({ onlyNewKeys }: { onlyNewKeys: boolean }) {
  const parameters = new Parameters()
  const user = oneUser(parameters)
  const entry = valuesFor(ENTRY_COLUMNS, parameters)
  const requestHash = parameters.value('bytea')
  const known = onlyNewKeys ? isKnown(user.userId, entry.key_id) : sql.lit(false)
  return swapUser(known, user)
    .with('keys', (query) =>
      query
        .insertInto('idempotency_keys')
        .columns(KEY_ROW)
        .expression((row) =>
          row
            .selectFrom('swapped')
            .select([
              'user_id',
              entry.key_id.as('key_id'),
              requestHash.as('request_hash'),
              entry.version.as('version'),
            ]),
        ),
    )
    .with('entries', (query) =>
      query
        .insertInto('ledger_entries')
        .columns(ENTRY_ROW)
        .expression((row) => row.selectFrom('swapped').select(ENTRY_ROW.map((name) => entry[name].as(name)))),
    )
    .selectNoFrom(ANSWER)
    .select((row) => row.selectFrom('key').select('key.is_known').as('is_known'))
}

/** Whether a call took effect, or failed to be deducted, under a key. */
function isKnown(userId: RawBuilder<never>, keyId: RawBuilder<never>): AliasableExpression<boolean> {
  const row = expressionBuilder<Schema>()
  const tookEffect = row
    .selectFrom('idempotency_keys')
    .where('user_id', '=', userId)
    .where('key_id', '=', keyId)
  const failed = row
    .selectFrom('credit_deduction_failures')
    .where('user_id', '=', userId)
    .where('key_id', '=', keyId)
  return row.or([row.exists(tookEffect), row.exists(failed)]).$castTo<boolean>()
}
