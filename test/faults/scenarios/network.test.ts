import { setTimeout as sleep } from 'node:timers/promises'
import type { ConnectionSettings } from '../../../src/database/database'
import { conclude } from '../../support/faults/figures'
import { Load } from '../../support/faults/load'
import { sendings } from '../../support/faults/operations'
import { SCENARIO_MS_MAX, SEED, sized } from '../../support/faults/size'
import { TestBook } from '../../support/faults/testBook'
import { type Trouble, type TroubledNetwork, troubledNetwork } from '../../support/faults/troubledNetwork'
import { type Fault, type FaultyNetwork, faultyNetwork } from '../../support/faultyNetwork'
import { Randomness } from '../../support/randomness'
import { startTestServer, type TestServer } from '../../support/server'
import { spoolDir } from '../../support/spools'

// The network between a server and Postgres fails under load.

const USER_IDS = ['hot', 'ada', 'bob', 'carol', 'dora', 'emil']
const LOST_COMMITS = sized({ bounded: 8, full: 540 })
const REFUSED_COMMITS = sized({ bounded: 6, full: 200 })
const TROUBLES = sized({ bounded: 8, full: 300 })
/** The pause between two faults, in which some calls succeed. */
const ANSWERS_BETWEEN = 3
/** Statements under locks, and without. */
const SWAPS_OF_ONE = ['swap_one', 'swap_new_key']
/** If a statement isn't sent for this long, the scenario stops waiting for it. */
const PATIENCE_MS = 2_000

const ERRORS: readonly (Fault & { name: string })[] = [
  { name: 'COMMITs answered by ROLLBACK', statement: 'commit', instead: 'rollback' },
  ...['40001', '40P01'].map((state) => ({
    name: `COMMITs refused with ${state}`,
    statement: 'commit',
    instead: `do $$ begin raise exception 'made to fail' using errcode = '${state}'; end $$`,
  })),
]

let spool: ReturnType<typeof spoolDir>
let server: TestServer | undefined
let closeNetwork: (() => void) | undefined

beforeEach(() => {
  spool = spoolDir()
})

afterEach(async () => {
  await server?.stop()
  server = undefined
  closeNetwork?.()
  spool.remove()
})

/** A server behind a network, and callers of it. */
async function startLoaded<N extends { connection: ConnectionSettings; close(): void }>(
  name: string,
  makeNetwork: (connection: ConnectionSettings) => Promise<N>,
) {
  const random = new Randomness(`${SEED} ${name}`)
  let network: N | undefined
  server = await startTestServer({
    withCatalog: true,
    spool: { dir: spool.dir },
    streams: { validityMs: 3_600_000 },
    async network(connection) {
      network = await makeNetwork(connection)
      return network.connection
    },
  })
  if (network === undefined) throw new Error('the server made no network')
  closeNetwork = () => network?.close()
  const { client } = server
  const book = new TestBook(USER_IDS)
  await book.fund(client)
  const load = new Load({
    ...{ book, random, clients: () => [client] },
    sendings: sendings(random, { userIds: USER_IDS, name }),
  })
  return { random, network, load, book, server }
}

/** Strikes until a kind of fault has occurred this often. */
async function strikeAll(network: FaultyNetwork, load: Load, faults: readonly (Fault & { name: string })[]) {
  const counts: Record<string, number> = {}
  for (const { name, ...fault } of faults) {
    const struck = network.strike(fault).then(() => true)
    if (!(await Promise.race([struck, sleep(PATIENCE_MS).then(() => false)]))) continue
    counts[name] = (counts[name] ?? 0) + 1
    await load.answers(ANSWERS_BETWEEN)
  }
  return counts
}

test(
  'every commit of unknown outcome is resolved',
  async () => {
    const startedMs = performance.now()
    const { random, network, load, book, server } = await startLoaded('commit', faultyNetwork)
    const faults = Array.from({ length: LOST_COMMITS }, () => {
      const arrives = !random.once(3)
      return {
        ...{ arrives, name: arrives ? 'commits done, answer lost' : 'commits that never arrived' },
        statement: random.oneOf(['commit', 'commit', 'commit', SWAPS_OF_ONE, 'swap_with_holds']),
        serverSide: random.oneOf(['cut', 'left open'] as const),
      }
    })
    const counts = await strikeAll(network, load, faults)
    await load.stop()
    const audit = await book.audit(server.client)
    conclude('commits of unknown outcome', { startedMs, faults: counts, audit })
    expect(Object.values(counts).reduce((sum, count) => sum + count)).toBeGreaterThanOrEqual(
      LOST_COMMITS * 0.97,
    )
  },
  SCENARIO_MS_MAX,
)

test(
  'a COMMIT that is answered by ROLLBACK or by an error is made again',
  async () => {
    const startedMs = performance.now()
    const { random, network, load, book, server } = await startLoaded('refused', faultyNetwork)
    const faults = Array.from({ length: REFUSED_COMMITS }, () => random.oneOf(ERRORS))
    const counts = await strikeAll(network, load, faults)
    await load.stop()
    const audit = await book.audit(server.client)
    conclude('commits refused', { startedMs, faults: counts, audit })
    expect(audit.deferred).toBe(0)
  },
  SCENARIO_MS_MAX,
)

test(
  'a network that delays, cuts and half-closes loses nothing',
  async () => {
    const startedMs = performance.now()
    const lineRandom = new Randomness(`${SEED} lines`)
    const { random, network, load, book, server } = await startLoaded<TroubledNetwork>('line', (connection) =>
      troubledNetwork(connection, { random: lineRandom, delayMsMax: 4 }),
    )
    const counts: Record<string, number> = {}
    const kinds: Trouble[] = [
      'cut',
      'half-closed to Postgres',
      'half-closed to the server',
      'cut between two bytes',
    ]
    for (let struck = 0; struck < TROUBLES; ) {
      await load.answers(ANSWERS_BETWEEN)
      const kind = random.oneOf(kinds)
      if (!network.trouble(kind)) continue
      struck++
      counts[kind] = (counts[kind] ?? 0) + 1
    }
    await load.stop()
    const audit = await book.audit(server.client)
    conclude('a bad line', { startedMs, faults: counts, audit })
  },
  SCENARIO_MS_MAX,
)
