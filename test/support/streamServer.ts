import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { reconcile } from '../../src/billing/reconcile/reconcile'
import { sweepHolds } from '../../src/billing/streams/sweepHolds'
import { holdFromRow } from '../../src/database/holds/holdRow'
import type { LedgerEntry } from '../../src/domain/ledger/entry'
import type { HoldState } from '../../src/domain/ledger/hold'
import type { StreamRules } from '../../src/domain/stream/rules'
import type { StreamOpen } from '../../src/wire/generated/tollgate/billing/v1/StreamOpen'
import { entriesOf, givenUser, type UserOverrides, whatIsWrong } from './ledger'
import { aGrant, USD } from './postings'
import { cardOf } from './priceBooks'
import { startTestServer, type TestServer, type TestServerSettings } from './server'
import { TestStream } from './streamClients'

/** $1 for a million input tokens, $10 for a million output tokens: 1,000 and 10,000 nano-USD each. */
export const INPUT = 1_000n
export const OUTPUT = 10_000n

/** A server with one model, `test-model`, and short validities, with helpers for tests of streams. */
export interface StreamServer extends TestServer {
  aUser(creditsNanousd?: bigint, overrides?: UserOverrides): Promise<string>
  open(userId: string, overrides?: Partial<StreamOpen>): TestStream
  settlementsOf(userId: string): Promise<LedgerEntry[]>
  untilSettled(userId: string, idempotencyKey?: string): Promise<Extract<HoldState, { state: 'settled' }>>
  /** Everything that is wrong with a user's books, by Reconcile and by sums in SQL. */
  wrongWith(userId: string): Promise<unknown[]>
}

export async function startStreamServer(
  streams: Partial<StreamRules> = {},
  settings: Pick<TestServerSettings, 'network' | 'limits' | 'connections' | 'spool' | 'prices'> = {},
): Promise<StreamServer> {
  const server = await startTestServer({
    ...settings,
    streams: {
      validityMs: 1_200,
      sweepIntervalMs: 100,
      recordIntervalMs: 200,
      firstStretchTokens: 100n,
      ...streams,
    },
  })
  const { billing, database } = server
  await billing.prices.putPrice({
    model: 'test-model',
    provider: '',
    rateCards: [cardOf({ INPUT_TOKENS: 1, OUTPUT_TOKENS: 10 })],
  })
  let users = 0
  return {
    ...server,
    async aUser(creditsNanousd = USD, overrides = {}) {
      const userId = `user-${++users}`
      await givenUser(database, userId, overrides)
      if (creditsNanousd > 0n) await billing.ledger.post(aGrant(userId, 'credits', creditsNanousd))
      return userId
    },
    open: (userId, overrides = {}) => new TestStream(server.client, { ...openOf(userId), ...overrides }),
    settlementsOf: async (userId) =>
      (await entriesOf(database, userId)).filter(({ kind }) => kind === 'settlement'),
    async untilSettled(userId, idempotencyKey = 'stream') {
      for (;;) {
        const row = await database.kysely
          .selectFrom('holds')
          .selectAll()
          .where('user_id', '=', userId)
          .where('idempotency_key', '=', idempotencyKey)
          .executeTakeFirstOrThrow()
        const { status } = holdFromRow(row)
        if (status.state === 'settled') return status
        await sleep(50)
      }
    },
    async wrongWith(userId) {
      const { discrepancies } = await reconcile(billing, { userId, pageSize: 1, pageToken: '' })
      return [...discrepancies, ...(await whatIsWrong(database, userId))]
    },
  }
}

/** Lets the validity of every live stream pass, and settles them. */
export async function expireAll({ billing, database }: TestServer): Promise<void> {
  await database.kysely
    .updateTable('holds')
    .set({ expires_at: sql`clock_timestamp() - interval '1 second'` })
    .where('state', '<>', 'settled')
    .execute()
  await sweepHolds(billing)
}

export function openOf(userId: string): StreamOpen {
  return { idempotencyKey: 'stream', userId, model: 'test-model', inputTokens: 1_000 }
}
