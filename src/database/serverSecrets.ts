import type { Database } from './database'

/** A key that all replicas share. The first caller stores `fresh`; everybody reads the stored one. */
export async function readOrCreateSecret(
  database: Database,
  { name, fresh, now }: { name: string; fresh: Buffer; now: Date },
): Promise<Buffer> {
  // If two replicas start at once, one inserts and both read its row.
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
