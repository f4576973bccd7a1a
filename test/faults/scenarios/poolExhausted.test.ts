import { setTimeout as sleep } from 'node:timers/promises'
import { type Kysely, sql } from 'kysely'
import type { TollgateClient } from '../../../clients/node/src/connect'
import { TollgateError } from '../../../clients/node/src/errors'
import type { Schema } from '../../../src/database/schema'
import { conclude } from '../../support/faults/figures'
import { Load } from '../../support/faults/load'
import { CHARGES_ALONE, sendings } from '../../support/faults/operations'
import { SCENARIO_MS_MAX, SEED, sized } from '../../support/faults/size'
import { TestBook } from '../../support/faults/testBook'
import { Randomness } from '../../support/randomness'
import { startTestServer } from '../../support/server'

// Slow reads take all connections of the pool, again and again, while more readers than connections queue for them.

const USER_IDS = ['hot', 'ada', 'bob', 'carol', 'dora', 'emil']
/** Shorter and longer than the 5 s that a caller waits for a connection. */
const SPELLS_MS = [1_500, 7_000]
const SPELLS = sized({ bounded: 2, full: 16 })
/** The pool size of the server under test. */
const POOL_SIZE = 10
const READERS = 40
const CALLERS = 4

test(
  'while no connection of the pool is free, charges continue, reads are refused in time, and everything happens once',
  async () => {
    const startedMs = performance.now()
    const random = new Randomness(`${SEED} pool`)
    const server = await startTestServer({ withCatalog: true, streams: { validityMs: 3_600_000 } })
    const { client, database } = server
    try {
      const book = new TestBook(USER_IDS)
      await book.fund(client)
      const shared = { book, random, clients: () => [client], inFlight: CALLERS, pauseMs: 50 }
      const charges = new Load({
        ...shared,
        sendings: sendings(random, { userIds: USER_IDS, name: 'charge', ...CHARGES_ALONE }),
      })
      const others = new Load({
        ...shared,
        // Refunds, streams and collections read through the pool.
        sendings: sendings(random, { userIds: USER_IDS, name: 'other', batches: 0, streams: 40 }),
      })
      const faults: Record<string, number> = { 'reads refused': 0 }
      for (let spell = 0; spell < SPELLS; spell++) {
        await charges.answers(30)
        const ms = SPELLS_MS[spell % SPELLS_MS.length] ?? 0
        const taken = takeAllConnections(database.kysely, ms)
        // By then, the readers have the connections, and others wait for them.
        await sleep(200)
        const readers = Array.from({ length: READERS }, () => refusalOf(client))
        // The ledger's lanes have their own.
        await charges.answers(50)
        await taken
        for (const reason of await Promise.all(readers)) {
          if (reason === undefined) continue
          expect(reason).toBe('DATABASE_UNAVAILABLE')
          faults['reads refused'] = (faults['reads refused'] ?? 0) + 1
        }
        const name = `spells of ${ms / 1_000} s`
        faults[name] = (faults[name] ?? 0) + 1
      }
      await charges.answers(30)
      await Promise.all([charges.stop(), others.stop()])
      expect(charges.told).toEqual([])
      expect([...others.failures.keys()].filter((reason) => !PASSING.includes(reason))).toEqual([])
      const audit = await book.audit(client)
      conclude('the pool exhausted', { startedMs, faults, audit })
      expect(faults['reads refused']).toBeGreaterThan(0)
    } finally {
      await server.stop()
    }
  },
  SCENARIO_MS_MAX,
)

/** Allowed refusals: no free connection, credits held by another stream, and debts. */
const PASSING = ['DATABASE_UNAVAILABLE', 'INSUFFICIENT_CREDITS', 'STREAM_FENCED']

async function takeAllConnections(kysely: Kysely<Schema>, ms: number): Promise<void> {
  const taken = Array.from({ length: POOL_SIZE }, () =>
    sql`select pg_sleep(${ms / 1_000}::float8)`.execute(kysely),
  )
  await Promise.all(taken)
}

async function refusalOf(client: TollgateClient): Promise<string | undefined> {
  try {
    await client.listUsers({ pageSize: 10 }, { timeoutMs: 20_000 })
    return undefined
  } catch (error) {
    if (error instanceof TollgateError) return error.reason
    throw error
  }
}
