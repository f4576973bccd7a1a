import { sql } from 'kysely'
import type { ConnectionSettings, Database } from '../../src/database/database'
import { entryFromRow, userFromRow } from '../../src/database/ledger/rows'
import { readBooks } from '../../src/database/reconcile/books'
import { readEntriesAfter } from '../../src/database/reconcile/entries'
import { BillingError } from '../../src/domain/errors'
import type { LedgerEntry } from '../../src/domain/ledger/entry'
import { genesisHashOf } from '../../src/domain/ledger/entryHash'
import type { User } from '../../src/domain/ledger/user'
import { beginWalk, endWalk, walkEntry } from '../../src/domain/reconcile/reconcile'
import { LedgerEngine } from '../../src/ledger/engine'
import { TRIAL_RULES } from './postings'

/** An engine with its own lanes, which is one more replica. */
export async function startLedger(
  connection: ConnectionSettings,
  { laneCount = 2, batchSizeMax = 64 }: { laneCount?: number; batchSizeMax?: number } = {},
): Promise<LedgerEngine> {
  const ledger = new LedgerEngine({
    connection,
    rules: { trial: TRIAL_RULES },
    laneCount,
    batchSizeMax,
    queueLengthMax: 100_000,
  })
  await ledger.start()
  return ledger
}

export type UserOverrides = Partial<
  Pick<
    User,
    'dailyLimitNanousd' | 'overdraftLimitNanousd' | 'isTrial' | 'trialExpiresAt' | 'suspended' | 'tier'
  >
>

/** Creates a user without credits, as CreateUser does. */
export async function givenUser(
  { kysely }: Database,
  userId: string,
  overrides: UserOverrides = {},
): Promise<void> {
  await kysely
    .insertInto('users')
    .values({
      user_id: userId,
      allowance_nanousd: 0n,
      credits_nanousd: 0n,
      held_nanousd: 0n,
      spent_today_nanousd: 0n,
      spent_on: sql`current_date`,
      daily_limit_nanousd: overrides.dailyLimitNanousd ?? 0n,
      overdraft_limit_nanousd: overrides.overdraftLimitNanousd ?? 0n,
      tier: overrides.tier ?? '',
      stripe_customer_id: '',
      stripe_subscription_id: '',
      is_trial: overrides.isTrial ?? false,
      trial_expires_at: overrides.trialExpiresAt ?? null,
      trial_spent_nanousd: 0n,
      trial_spent_today_nanousd: 0n,
      trial_requests: 0n,
      trial_held_nanousd: 0n,
      suspended: overrides.suspended ?? false,
      created_at: sql`now()`,
      last_entry_at: sql`now()`,
      last_hash: genesisHashOf(userId),
      version: 0n,
    })
    .execute()
}

export async function userOf({ kysely }: Database, userId: string): Promise<User> {
  return userFromRow(
    await kysely.selectFrom('users').selectAll().where('user_id', '=', userId).executeTakeFirstOrThrow(),
  )
}

export async function entriesOf({ kysely }: Database, userId: string): Promise<LedgerEntry[]> {
  const rows = await kysely
    .selectFrom('ledger_entries')
    .selectAll()
    .where('user_id', '=', userId)
    .orderBy('version')
    .execute()
  return rows.map(entryFromRow)
}

/** Everything that is wrong with a user's books, by Reconcile's walk and by sums in SQL. */
export async function whatIsWrong(database: Database, userId: string): Promise<string[]> {
  const [books] = await readBooks(database, { userId, afterUserId: '', limit: 1 })
  if (books === undefined) throw new Error(`there is no user ${userId}`)
  const { user } = books
  const entries = await readEntriesAfter(database, {
    userId,
    afterVersion: 0n,
    upToVersion: user.version,
    limit: 1_000_000,
  })
  const walk = entries.reduce(
    (sum, { entry, ...facts }) => walkEntry(sum, entry, { ratedAgain: undefined, ...facts }),
    beginWalk(userId),
  )
  const wrong = endWalk(walk, books).map(({ kind, detail }) => `${kind}: ${detail}`)

  const { rows } = await sql<{
    entries: bigint
    versions: bigint
    keys: bigint
    key_versions: bigint
    taken: bigint
  }>`
    select (select count(*) from ledger_entries where user_id = ${userId}) as entries,
      (select count(distinct version) from ledger_entries where user_id = ${userId}) as versions,
      (select count(*) from idempotency_keys where user_id = ${userId}) as keys,
      (select count(distinct version) from idempotency_keys where user_id = ${userId}) as key_versions,
      (select coalesce(-sum(allowance_delta_nanousd + credits_delta_nanousd), 0)::int8
       from ledger_entries where user_id = ${userId}) as taken
  `.execute(database.kysely)
  const [sums] = rows
  if (sums === undefined) throw new Error('no sums')
  for (const name of ['entries', 'versions', 'keys', 'key_versions'] as const) {
    if (sums[name] !== user.version)
      wrong.push(`${name}: ${sums[name]}, but the user is at version ${user.version}`)
  }
  if (sums.taken !== -(user.allowanceNanousd + user.creditsNanousd)) {
    wrong.push(
      `the ledger took ${sums.taken}, the user lost ${-(user.allowanceNanousd + user.creditsNanousd)}`,
    )
  }
  if (user.creditsNanousd < -user.overdraftLimitNanousd || user.allowanceNanousd < 0n)
    wrong.push('below the floor')
  return wrong
}

/** The value of a call, or the reason of its refusal. Throws any other error. */
export async function outcomeOf<T>(call: Promise<T>): Promise<T | string> {
  try {
    return await call
  } catch (error) {
    if (error instanceof BillingError) return error.reason
    throw error
  }
}

/** Runs `tasks` with at most `limit` of them at once. */
export async function inFlight<T>(limit: number, tasks: readonly (() => Promise<T>)[]): Promise<T[]> {
  const results: T[] = new Array(tasks.length)
  let next = 0
  const worker = async () => {
    while (next < tasks.length) {
      const index = next++
      const task = tasks[index]
      if (task !== undefined) results[index] = await task()
    }
  }
  await Promise.all(Array.from({ length: limit }, worker))
  return results
}
