import type { ConnectionSettings } from '../src/database/database'
import { WRONG_USERS_SQL } from './fixture'
import { query } from './postgres'

/** The books don't balance, so the measurement is void. */
export class BooksError extends Error {}

/**
 * Checks every user's books after a run. Balance, version and keys must match the entries, and the number of entries must
 * match the charges that were answered with success.
 *
 * @throws BooksError
 */
export async function checkBooks(
  connection: ConnectionSettings,
  run: { name: string; entriesExpected?: number },
): Promise<void> {
  const wrong = await query<{ user_id: string }>(connection, `${WRONG_USERS_SQL} limit 5`)
  if (wrong.length > 0) {
    throw new BooksError(
      `${run.name}: the books of ${wrong.map((row) => row.user_id).join(', ')} don't balance`,
    )
  }
  if (run.entriesExpected === undefined) return
  const [row] = await query<{ count: bigint }>(
    connection,
    'select count(*)::int8 as count from ledger_entries',
  )
  if (row?.count !== BigInt(run.entriesExpected)) {
    throw new BooksError(
      `${run.name}: ${run.entriesExpected} charges were answered, and the ledger has ${row?.count} entries`,
    )
  }
}
