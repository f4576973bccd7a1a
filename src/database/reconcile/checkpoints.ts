import { type Selectable, sql } from 'kysely'
import type { BudgetSums } from '../../domain/reconcile/budgetSums'
import type { LedgerWalk } from '../../domain/reconcile/reconcile'
import type { Database } from '../database'
import type { Schema } from '../schema'

/** What a ledger had come to, where it was last proved. */
export type Checkpoint = Omit<LedgerWalk, 'discrepancies' | 'flawed' | 'limits' | 'profile'>

/** The last checkpoint of each of these users that has one. */
export async function readCheckpoints(
  { kysely }: Database,
  userIds: readonly string[],
): Promise<Map<string, Checkpoint>> {
  if (userIds.length === 0) return new Map()
  const rows = await kysely
    .selectFrom('ledger_checkpoints')
    .distinctOn('user_id')
    .selectAll()
    .where('user_id', 'in', userIds)
    .orderBy('user_id')
    .orderBy('version', 'desc')
    .execute()
  return new Map(
    rows.flatMap((row): [string, Checkpoint][] => {
      const { trial_spent_today_nanousd: trialSpentTodayNanousd } = row
      return trialSpentTodayNanousd === null
        ? []
        : [[row.user_id, { ...checkpointFromRow(row), trialSpentTodayNanousd }]]
    }),
  )
}

function checkpointFromRow(
  row: Selectable<Schema['ledger_checkpoints']>,
): Omit<Checkpoint, 'trialSpentTodayNanousd'> {
  return {
    userId: row.user_id,
    version: row.version,
    allowanceNanousd: row.allowance_nanousd,
    creditsNanousd: row.credits_nanousd,
    heldNanousd: row.held_nanousd,
    spentTodayNanousd: row.spent_today_nanousd,
    spentOn: row.spent_on,
    trialSpentNanousd: row.trial_spent_nanousd,
    trialRequests: row.trial_requests,
    budgets: budgetSumsFromRow(row),
    hash: row.hash,
  }
}

/** Before budgets there was nothing to add up. */
function budgetSumsFromRow(row: Selectable<Schema['ledger_checkpoints']>): BudgetSums {
  return {
    changes: row.budget_changes ?? 0n,
    budgets: BigInt(row.budgets_sum ?? 0),
    spent: BigInt(row.spent_sum ?? 0),
    held: BigInt(row.held_sum ?? 0),
  }
}

/** Replaces the checkpoints of these users. */
export async function writeCheckpoints(
  { kysely }: Database,
  checkpoints: readonly Checkpoint[],
): Promise<void> {
  if (checkpoints.length === 0) return
  await kysely
    .insertInto('ledger_checkpoints')
    .values(
      checkpoints.map((checkpoint) => ({
        user_id: checkpoint.userId,
        version: checkpoint.version,
        allowance_nanousd: checkpoint.allowanceNanousd,
        credits_nanousd: checkpoint.creditsNanousd,
        held_nanousd: checkpoint.heldNanousd,
        spent_today_nanousd: checkpoint.spentTodayNanousd,
        spent_on: checkpoint.spentOn,
        hash: checkpoint.hash,
        created_at: sql<Date>`now()`,
        trial_spent_nanousd: checkpoint.trialSpentNanousd,
        trial_requests: checkpoint.trialRequests,
        trial_spent_today_nanousd: checkpoint.trialSpentTodayNanousd,
        budget_changes: checkpoint.budgets.changes,
        budgets_sum: checkpoint.budgets.budgets.toString(),
        spent_sum: checkpoint.budgets.spent.toString(),
        held_sum: checkpoint.budgets.held.toString(),
      })),
    )
    // The same, or of a time before the last columns.
    .onConflict((conflict) =>
      conflict.columns(['user_id', 'version']).doUpdateSet((row) => ({
        trial_spent_today_nanousd: row.ref('excluded.trial_spent_today_nanousd'),
        budget_changes: row.ref('excluded.budget_changes'),
        budgets_sum: row.ref('excluded.budgets_sum'),
        spent_sum: row.ref('excluded.spent_sum'),
        held_sum: row.ref('excluded.held_sum'),
      })),
    )
    .execute()
  // The last one is enough; were this lost, the next run would start there all the same.
  const userIds = checkpoints.map(({ userId }) => userId)
  await sql`
    delete from ledger_checkpoints c using ledger_checkpoints later
    where c.user_id = any(${userIds}::text[]) and later.user_id = c.user_id and later.version > c.version`.execute(
    kysely,
  )
}
