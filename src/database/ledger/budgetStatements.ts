import { type Selectable, sql } from 'kysely'
import type { BudgetCounterRow, BudgetRow } from '../schema'
import {
  builder,
  columnsFrom,
  namesOf,
  Parameters,
  prepared,
  rowsOf,
  type TypedColumn,
} from '../statements/statement'
import { BUDGET_COLUMNS, COUNTED_COLUMNS, COUNTER_KEY_COLUMNS } from './budgetColumns'

// Columns are listed: a column that a later migration adds must not break the plans of an older process.

const BUDGET_ROW = namesOf(BUDGET_COLUMNS)

/** The budgets of users that are in force, by id: receipts name them in this order. */
export const READ_BUDGETS = prepared(
  'read_budgets',
  builder
    .selectFrom('budgets')
    .select(BUDGET_ROW)
    .where('user_id', '=', sql<string>`any(${new Parameters().value('text[]')})`)
    .where('deleted', '=', sql.lit(false))
    .orderBy('user_id')
    .orderBy('budget_id'),
)

const KEY_COLUMNS: readonly TypedColumn<'user_id' | 'budget_id'>[] = [
  { name: 'user_id', type: 'text' },
  { name: 'budget_id', type: 'text' },
]

/** Budgets by their ids, also those that were deleted. */
export const READ_STORED_BUDGETS = prepared(
  'read_stored_budgets',
  builder
    .selectFrom(rowsOf<Selectable<BudgetRow>, 'i'>('i', KEY_COLUMNS, new Parameters()))
    .crossJoinLateral((query) =>
      query
        .selectFrom('budgets')
        .select(BUDGET_ROW)
        .whereRef('budgets.user_id', '=', 'i.user_id')
        .whereRef('budgets.budget_id', '=', 'i.budget_id')
        .limit(sql.lit(1))
        .as('b'),
    )
    .selectAll('b'),
)

/**
 * Counters by their primary keys; those that are missing have counted nothing. Answers which of the keys it found: their
 * parts need not be read back.
 */
export const READ_COUNTERS = prepared(
  'read_counters',
  builder
    .selectFrom(
      sql<
        Selectable<BudgetCounterRow> & { position: bigint }
      >`unnest(${sql.join(counterKeys())}) with ordinality`.as<'i'>(
        sql`i(user_id, budget_id, generation, window_from, group_id, position)`,
      ),
    )
    .crossJoinLateral((query) =>
      query
        .selectFrom('budget_counters')
        .select(namesOf(COUNTED_COLUMNS))
        .whereRef('budget_counters.user_id', '=', 'i.user_id')
        .whereRef('budget_counters.budget_id', '=', 'i.budget_id')
        .whereRef('budget_counters.generation', '=', 'i.generation')
        .whereRef('budget_counters.window_from', '=', 'i.window_from')
        .whereRef('budget_counters.group_id', '=', 'i.group_id')
        .limit(sql.lit(1))
        .as('c'),
    )
    .select('i.position')
    .selectAll('c'),
)

function counterKeys() {
  const parameters = new Parameters()
  return COUNTER_KEY_COLUMNS.map(({ type }) => parameters.value(`${type}[]`))
}

/** How many counters users have. */
export const READ_COUNTER_TOTALS = prepared(
  'read_counter_totals',
  builder
    .selectFrom('budget_totals')
    .select(['user_id', 'counters'])
    .where('user_id', '=', sql<string>`any(${new Parameters().value('text[]')})`),
)

/** Writes budgets of users that the same transaction has just swapped to a version. */
export const PUT_BUDGETS = prepared('put_budgets', putBudgets(new Parameters()))

function putBudgets(parameters: Parameters) {
  const put = rowsOf<Selectable<BudgetRow> & { version: bigint }, 'b'>(
    'b',
    [...BUDGET_COLUMNS, { name: 'version', type: 'int8' }],
    parameters,
  )
  return builder
    .insertInto('budgets')
    .columns(BUDGET_ROW)
    .expression((row) =>
      row
        .selectFrom(put)
        .innerJoin('users as u', (join) =>
          join.onRef('u.user_id', '=', 'b.user_id').onRef('u.version', '=', 'b.version'),
        )
        .select(BUDGET_ROW.map((name) => `b.${name}` as const)),
    )
    .onConflict((conflict) =>
      conflict.columns(['user_id', 'budget_id']).doUpdateSet(
        columnsFrom(
          'excluded',
          BUDGET_COLUMNS.filter(({ name }) => name !== 'user_id' && name !== 'budget_id'),
        ),
      ),
    )
}
