import { sql } from 'kysely'
import { genesisHashOf } from '../../domain/ledger/entryHash'
import type { Profile } from '../../domain/ledger/profile'
import type { User } from '../../domain/ledger/user'
import type { Database } from '../database'
import { userFromRow } from '../ledger/rows'

/** What is known of a user before its first entry. */
export type NewUser = Pick<User, 'userId'> & Omit<Profile, 'suspended'>

/** Adds a user without money, at version 0, dated by the database's clock. Undefined = the id is taken. */
export async function insertUser({ kysely }: Database, user: NewUser): Promise<User | undefined> {
  // Times of entries are whole milliseconds, and no entry is older than its user.
  const now = sql<Date>`date_trunc('milliseconds', now())`
  const row = await kysely
    .insertInto('users')
    .values({
      user_id: user.userId,
      allowance_nanousd: 0n,
      credits_nanousd: 0n,
      held_nanousd: 0n,
      spent_today_nanousd: 0n,
      spent_on: sql`(now() at time zone 'utc')::date`,
      daily_limit_nanousd: user.dailyLimitNanousd,
      overdraft_limit_nanousd: user.overdraftLimitNanousd,
      tier: user.tier,
      stripe_customer_id: user.stripeCustomerId,
      stripe_subscription_id: user.stripeSubscriptionId,
      is_trial: user.isTrial,
      trial_expires_at: user.trialExpiresAt ?? null,
      trial_spent_nanousd: 0n,
      trial_spent_today_nanousd: 0n,
      trial_requests: 0n,
      trial_held_nanousd: 0n,
      suspended: false,
      created_at: now,
      last_entry_at: now,
      last_hash: genesisHashOf(user.userId),
      version: 0n,
    })
    .onConflict((conflict) => conflict.column('user_id').doNothing())
    .returningAll()
    .executeTakeFirst()
  return row && userFromRow(row)
}

/** A user as last committed, or undefined. */
export async function findUser({ kysely }: Database, userId: string): Promise<User | undefined> {
  const row = await kysely.selectFrom('users').selectAll().where('user_id', '=', userId).executeTakeFirst()
  return row && userFromRow(row)
}

/** The users after `afterUserId`, in id order. */
export async function listUserRows(
  { kysely }: Database,
  { userIdPrefix, afterUserId, limit }: { userIdPrefix: string; afterUserId: string; limit: number },
): Promise<User[]> {
  const rows = await kysely
    .selectFrom('users')
    .selectAll()
    // In the "C" collation this is a range of the primary key.
    .where(sql<boolean>`starts_with(user_id, ${userIdPrefix})`)
    .where('user_id', '>', afterUserId)
    .orderBy('user_id')
    .limit(limit)
    .execute()
  return rows.map(userFromRow)
}
