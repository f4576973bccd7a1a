import type { Database } from './database'

/** A key that all replicas share: `fresh` the first time anybody asks, the stored one ever after. */
export async function readOrCreateSecret(
  database: Database,
  { name, fresh, now }: { name: string; fresh: Buffer; now: Date },
): Promise<Buffer> {
  // Of two replicas that start at once, one inserts and both read what it inserted.
  await database.kysely
    .insertInto('server_secrets')
    .values({ name, secret: fresh, created_at: now })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute()
  const row = await database.kysely
    .selectFrom('server_secrets')
    .select('secret')
    .where('name', '=', name)
    .executeTakeFirstOrThrow()
  return row.secret
}
