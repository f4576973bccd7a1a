import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { conclude } from '../../support/faults/figures'
import { Load } from '../../support/faults/load'
import { sendings } from '../../support/faults/operations'
import { OwnPostgres } from '../../support/faults/ownPostgres'
import { Replicas } from '../../support/faults/replicas'
import { SCENARIO_MS_MAX, SEED, sized } from '../../support/faults/size'
import { TestBook } from '../../support/faults/testBook'
import { Randomness } from '../../support/randomness'
import { type TestDatabase, testDatabase } from '../../support/testDatabase'

// Processes pause, as on a paused machine, and continue later as if nothing had happened.

const USER_IDS = ['hot', 'ada', 'bob', 'carol', 'dora', 'emil']
const SERVER_PAUSES = sized({ bounded: 1, full: 4 })
/** Longer than the 5 s that a transaction may idle, and than the 12 s that the ledger waits for an answer. */
const SERVER_PAUSE_MS = sized({ bounded: 6_000, full: 14_000 })
/** In the full run, longer than those 12 s, and than the 45 s of the pool. */
const POSTGRES_PAUSES_MS = [3_000, 14_000, 50_000].slice(0, sized({ bounded: 1, full: 3 }))
const ANSWERS_MEANWHILE = sized({ bounded: 60, full: 300 })

test(
  'a server that is paused in the middle of a transaction keeps nobody from its users for long',
  async () => {
    const startedMs = performance.now()
    const random = new Randomness(`${SEED} paused server`)
    const database = await testDatabase()
    const replicas = new Replicas(database.connection)
    try {
      const [sleeper, other] = await Promise.all([replicas.start('sleeper'), replicas.start('other')])
      const book = new TestBook(USER_IDS)
      await book.fund(other.client)
      for (let pause = 0; pause < SERVER_PAUSES; pause++) {
        const load = new Load({
          ...{ book, random, clients: () => [sleeper.client] },
          sendings: sendings(random, { userIds: USER_IDS, name: `paused-${pause}` }),
        })
        await load.answers(50)
        await pauseInTransaction(sleeper, database, random)
        const pausedMs = performance.now()
        const elsewhere = new Load({
          ...{ book, random, clients: () => [other.client], inFlight: 8 },
          sendings: sendings(random, { userIds: USER_IDS, name: `meanwhile-${pause}` }),
        })
        // Calls of the same users, whose rows the paused process has locked.
        await elsewhere.answers(ANSWERS_MEANWHILE)
        await elsewhere.stop()
        await sleep(Math.max(0, pausedMs + SERVER_PAUSE_MS - performance.now()))
        sleeper.wakeUp()
        await load.answers(50)
        await load.stop()
      }
      const audit = await book.audit(other.client)
      conclude('a server paused', {
        startedMs,
        faults: { [`pauses of ${SERVER_PAUSE_MS / 1_000} s within a transaction`]: SERVER_PAUSES },
        audit,
      })
    } finally {
      await replicas.remove()
      await database.drop()
    }
  },
  SCENARIO_MS_MAX,
)

/** Tries until it is paused while it holds locks. */
async function pauseInTransaction(
  server: { pause(): void; wakeUp(): void },
  database: TestDatabase,
  random: Randomness,
): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    server.pause()
    // By then, the statements that it had sent have finished.
    await sleep(100)
    const { rows } = await sql<{ holders: bigint }>`
      select count(distinct activity.pid) as holders
      from pg_stat_activity activity join pg_locks locks on locks.pid = activity.pid
      where activity.application_name = 'tollgate ledger' and activity.datname = current_database()
        and activity.state = 'idle in transaction' and locks.relation = 'users'::regclass
        and locks.mode = 'RowShareLock'
    `.execute(database.kysely)
    if ((rows[0]?.holders ?? 0n) > 0n) return
    server.wakeUp()
    await sleep(random.below(40))
  }
  throw new Error('the server was never caught within a transaction')
}

test(
  'a Postgres that is paused for longer than anybody waits loses nothing',
  async () => {
    const startedMs = performance.now()
    const random = new Randomness(`${SEED} paused Postgres`)
    const postgres = await OwnPostgres.create()
    const replicas = new Replicas(postgres.connection)
    try {
      const { client } = await replicas.start('left')
      const book = new TestBook(USER_IDS)
      await book.fund(client)
      const load = new Load({
        ...{ book, random, clients: () => [client], pauseMs: 10 },
        sendings: sendings(random, { userIds: USER_IDS, name: 'paused' }),
      })
      const faults: Record<string, number> = {}
      for (const pauseMs of POSTGRES_PAUSES_MS) {
        await load.answers(50)
        postgres.pause()
        await sleep(pauseMs)
        postgres.wakeUp()
        await load.answers(50)
        faults[`pause of ${pauseMs / 1_000} s`] = 1
      }
      await load.stop()
      const audit = await book.audit(client)
      conclude('Postgres paused', { startedMs, faults, audit })
    } finally {
      await replicas.remove()
      await postgres.remove()
    }
  },
  SCENARIO_MS_MAX,
)
