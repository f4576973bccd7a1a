import { randomBytes } from 'node:crypto'
import type { Database } from '../database/database'
import { readOrCreateSecret } from '../database/serverSecrets'

const QUOTE_KEY_BYTES = 32

/** The key that signs quotes: made once, kept in the database, the same on every replica. */
export function readQuoteKey(database: Database, now: Date): Promise<Buffer> {
  return readOrCreateSecret(database, { name: 'quote', fresh: randomBytes(QUOTE_KEY_BYTES), now })
}
