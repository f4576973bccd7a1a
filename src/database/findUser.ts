import type { User } from '../domain/ledger/user'
import type { Database } from './database'
import { userFromRow } from './ledger/rows'

/** A user as last committed, or undefined. */
export async function findUser({ kysely }: Database, userId: string): Promise<User | undefined> {
  const row = await kysely.selectFrom('users').selectAll().where('user_id', '=', userId).executeTakeFirst()
  return row === undefined ? undefined : userFromRow(row)
}
