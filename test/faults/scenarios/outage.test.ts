import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { breakableNetwork } from '../../support/breakableNetwork'
import { FaultyDisk } from '../../support/disks'
import { conclude } from '../../support/faults/figures'
import { Load } from '../../support/faults/load'
import { aChargeOf, alone, CHARGES_ALONE, sendings } from '../../support/faults/operations'
import { OwnPostgres } from '../../support/faults/ownPostgres'
import { Replicas } from '../../support/faults/replicas'
import { SCENARIO_MS_MAX, SEED, sized } from '../../support/faults/size'
import { TestBook } from '../../support/faults/testBook'
import { Randomness } from '../../support/randomness'
import { startTestServer } from '../../support/server'
import { spoolDir } from '../../support/spools'
import { testDatabase } from '../../support/testDatabase'

// Postgres is unreachable while charges keep arriving. Then the disk that holds them fails too.

const USER_IDS = ['hot', 'ada', 'bob', 'carol', 'dora', 'emil']
const OUTAGE_MS = sized({ bounded: 3_000, full: 60_000 })
const CHARGES = sized({ bounded: 60, full: 600 })
const DAMAGED = sized({ bounded: 2, full: 12 })
/** A load that lasts for minutes, and doesn't saturate the machine. */
const CALLERS = 4

test(
  'while Postgres refuses connections, charges and closes of streams are deferred, and all of them arrive',
  async () => {
    const startedMs = performance.now()
    const random = new Randomness(`${SEED} outage`)
    const postgres = await OwnPostgres.create()
    const replicas = new Replicas(postgres.connection)
    try {
      const { client } = await replicas.start('left')
      const book = new TestBook(USER_IDS)
      await book.fund(client)
      const load = new Load({
        ...{ book, random, clients: () => replicas.clients, inFlight: CALLERS, pauseMs: 40 },
        sendings: sendings(random, { userIds: USER_IDS, name: 'outage' }),
      })
      await load.answers(50)
      await postgres.kill('SIGQUIT')
      const charges = new Load({
        ...{ book, random, clients: () => replicas.clients, inFlight: CALLERS, pauseMs: 40 },
        sendings: sendings(random, { userIds: USER_IDS, name: 'away', ...CHARGES_ALONE }),
      })
      await sleep(OUTAGE_MS)
      await charges.stop()
      // Nobody was refused.
      expect(charges.told).toEqual([])
      await postgres.start()
      await load.answers(50)
      await load.stop()

      // Postgres is back, but has no free connection.
      const others = await takeAllConnections(postgres)
      const crowded = new Load({
        ...{ book, random, clients: () => replicas.clients, inFlight: CALLERS },
        sendings: sendings(random, { userIds: USER_IDS, name: 'crowded', ...CHARGES_ALONE }),
      })
      await crowded.answers(50)
      await crowded.stop()
      expect(crowded.told).toEqual([])
      for (const other of others) await other.end()

      const audit = await book.audit(client)
      const faults = { [`outage of ${OUTAGE_MS / 1_000} s`]: 1, 'times without a connection left': 1 }
      conclude('Postgres away', { startedMs, faults, audit })
      expect(audit.deferred).toBeGreaterThan(CALLERS * 10)
    } finally {
      await replicas.remove()
      await postgres.remove()
    }
  },
  SCENARIO_MS_MAX,
)

/** Ends the ledger's connections and takes all free ones. The server's pool keeps its own. */
async function takeAllConnections(postgres: OwnPostgres): Promise<Client[]> {
  const taken: Client[] = []
  let isAsked = false
  for (;;) {
    const client = new Client(postgres.connection)
    client.on('error', () => undefined)
    try {
      await client.connect()
      taken.push(client)
    } catch (error) {
      if ((error as { code?: string }).code !== '53300') throw error
      if (isAsked) return taken
      isAsked = true
      await taken[0]?.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'tollgate ledger'",
      )
    }
  }
}

test(
  'a full disk while Postgres is unreachable refuses charges, and accepted ones are deducted',
  async () => {
    const startedMs = performance.now()
    const random = new Randomness(`${SEED} full disk`)
    const spool = spoolDir()
    const disk = new FaultyDisk()
    let network: Awaited<ReturnType<typeof breakableNetwork>> | undefined
    const server = await startTestServer({
      withCatalog: true,
      spool: { dir: spool.dir, disk: disk.disk },
      async network(connection) {
        network = await breakableNetwork(connection)
        return network.connection
      },
    })
    try {
      const book = new TestBook(USER_IDS)
      await book.fund(server.client)
      const load = new Load({
        ...{ book, random, clients: () => [server.client], inFlight: CALLERS },
        sendings: sendings(random, { userIds: USER_IDS, name: 'disk', ...CHARGES_ALONE }),
      })
      await load.answers(20)
      network?.break()
      await load.answers(50)
      disk.bytesLeft = 5_000
      while ((load.failures.get('DATABASE_UNAVAILABLE') ?? 0) < CHARGES / 2) await sleep(5)
      disk.syncFails = true
      disk.bytesLeft = Number.POSITIVE_INFINITY
      const refused = load.failures.get('DATABASE_UNAVAILABLE') ?? 0
      while ((load.failures.get('DATABASE_UNAVAILABLE') ?? 0) < refused + CHARGES / 2) await sleep(5)
      disk.syncFails = false
      await load.answers(50)
      network?.restore()
      await load.stop()
      const audit = await book.audit(server.client)
      const faults = {
        'charges refused by a full or failing disk': load.failures.get('DATABASE_UNAVAILABLE') ?? 0,
      }
      conclude('a full disk', { startedMs, faults, audit })
      expect(audit.deferred).toBeGreaterThan(0)
    } finally {
      await server.stop()
      network?.close()
      spool.remove()
    }
  },
  SCENARIO_MS_MAX,
)

test(
  'torn and damaged files of a spool cost what cannot be read, say so, and nothing else',
  async () => {
    const startedMs = performance.now()
    const random = new Randomness(`${SEED} damage`)
    const database = await testDatabase()
    const network = await breakableNetwork(database.connection)
    const replicas = new Replicas(network.connection)
    try {
      const { client } = await replicas.start('left')
      const book = new TestBook(USER_IDS)
      await book.fund(client)
      // From here on, its price is cached.
      await new Load({ book, random, clients: () => [client], sendings: chargesOf(random, 'first') }).stop()
      network.break()
      const load = new Load({ book, random, clients: () => [client], sendings: chargesOf(random, 'waits') })
      await load.answers(CHARGES)
      await load.stop()
      await replicas.kill('left')

      const deferred = book.acknowledgedKeys(({ isDeferred }) => isDeferred)
      const victims = new Set<string>()
      while (victims.size < DAMAGED) victims.add(random.oneOf(deferred))
      const dir = replicas.spoolDirOf('left')
      for (const key of victims) damage(dir, key, random)
      tear(dir, random)

      network.restore()
      const next = await replicas.start('left')
      const audit = await book.audit(next.client, { undone: victims })
      conclude('a damaged spool', {
        startedMs,
        faults: { 'entries damaged': victims.size, 'appends torn': 1 },
        audit,
      })
      // The damaged entry was not guessed at; the file is kept for a person.
      expect(audit.undone).toBe(DAMAGED)
      expect(readdirSync(join(dir, 'quarantine'))).not.toEqual([])
    } finally {
      await replicas.remove()
      network.close()
      await database.drop()
    }
  },
  SCENARIO_MS_MAX,
)

function* chargesOf(random: Randomness, name: string) {
  for (let n = 0; ; n++) {
    const usage = { inputTokens: 1_000 + random.below(5_000), outputTokens: random.below(3_000) }
    yield alone(aChargeOf(random.oneOf(USER_IDS), `${name}-${n}-`, usage))
  }
}

function segmentsOf(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => join(dir, name))
}

/** Flips one bit of this key's entry. */
function damage(dir: string, key: string, random: Randomness): void {
  for (const path of segmentsOf(dir)) {
    const bytes = readFileSync(path)
    const at = bytes.indexOf(key)
    if (at < 0) continue
    const place = at + random.below(key.length)
    bytes[place] = (bytes[place] ?? 0) ^ (1 << random.below(7))
    writeFileSync(path, bytes)
    return
  }
  throw new Error(`${key} is in no segment`)
}

/** Appends the beginning of an entry, as a crash during an append does. */
function tear(dir: string, random: Randomness): void {
  const path = segmentsOf(dir)
    .filter((name) => readFileSync(name).includes('waits-'))
    .at(-1)
  if (path === undefined) throw new Error('there is no segment')
  const bytes = readFileSync(path)
  appendFileSync(path, bytes.subarray(16, 16 + 30 + random.below(200)))
}
