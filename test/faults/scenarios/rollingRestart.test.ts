import { type AddressInfo, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { connectTollgate, type TollgateClient } from '../../../clients/node/src/connect'
import { meterContext } from '../../../clients/node/src/meter/meterContext'
import { meterStream } from '../../../clients/node/src/meterStream'
import { conclude } from '../../support/faults/figures'
import { Load } from '../../support/faults/load'
import {
  alone,
  aStreamOf,
  MODEL,
  type Operation,
  sendings,
  type Tokens,
} from '../../support/faults/operations'
import { Replicas } from '../../support/faults/replicas'
import { SCENARIO_MS_MAX, SEED, sized } from '../../support/faults/size'
import { TestBook } from '../../support/faults/testBook'
import { Randomness } from '../../support/randomness'
import { testDatabase } from '../../support/testDatabase'

// A release is rolled out: each replica is stopped and restarted, while gateways meter generations on both.

const USER_IDS = ['hot', 'ada', 'bob', 'carol', 'dora', 'emil']
const ROUNDS = sized({ bounded: 1, full: 10 })
const GENERATIONS_AT_ONCE = sized({ bounded: 20, full: 60 })
/** A rollout leaves clients time to find a restarted replica before it stops the next. */
const READY_FOR_MS = 2_000
const CHUNK_TOKENS = 40
const CHUNK_MS = 40

test(
  'a rolling restart of two replicas fails no settlement and no charge',
  async () => {
    const startedMs = performance.now()
    const random = new Randomness(`${SEED} rolling`)
    const database = await testDatabase()
    const replicas = new Replicas(database.connection, { TOLLGATE_DRAIN_GRACE_SECONDS: '10' })
    const ports = { left: await freePort(), right: await freePort() }
    const start = (name: 'left' | 'right') =>
      replicas.start(name, { TOLLGATE_GRPC_PORT: String(ports[name]) })
    const gateway = connectTollgate({ address: `ipv4:127.0.0.1:${ports.left},127.0.0.1:${ports.right}` })
    try {
      await Promise.all([start('left'), start('right')])
      const book = new TestBook(USER_IDS)
      await book.fund(gateway)
      // Only the client itself retries.
      const shared = { book, random, clients: () => [gateway], resent: 0 }
      const loads = [
        new Load({ ...shared, inFlight: GENERATIONS_AT_ONCE, sendings: generations(random) }),
        new Load({
          ...{ ...shared, inFlight: 4, pauseMs: 60 },
          sendings: sendings(random, { userIds: USER_IDS, name: 'call', streams: 0, debts: 0 }),
        }),
      ]
      for (let round = 0; round < ROUNDS; round++) {
        for (const name of ['left', 'right'] as const) {
          await sleep(READY_FOR_MS)
          expect(await replicas.stop(name)).toBe(0)
          await start(name)
        }
      }
      await sleep(500)
      for (const load of loads) await load.stop()
      const audit = await book.audit(gateway)
      conclude('a rolling restart', { startedMs, faults: { 'replicas restarted': ROUNDS * 2 }, audit })
      for (const { told } of loads) expect(told).toEqual([])
      expect(audit.acknowledged).toBe(audit.operations)
    } finally {
      gateway.close()
      await replicas.remove()
      await database.drop()
    }
  },
  SCENARIO_MS_MAX,
)

function* generations(random: Randomness) {
  for (let n = 0; ; n++) {
    const usage = { inputTokens: 500 + random.below(2_000), outputTokens: 400 + random.below(2_400) }
    yield alone(aGeneration(random.oneOf(USER_IDS), `generation-${n}`, usage))
  }
}

/** A call metered by the client's own meter. The audit sends its stream again by hand. */
function aGeneration(userId: string, idempotencyKey: string, usage: Tokens): Operation {
  const again = aStreamOf(userId, idempotencyKey, usage)
  let isDone = false
  return {
    ...again,
    async send(client) {
      if (isDone) return await again.send(client)
      const answer = await metered(client, { userId, idempotencyKey, usage })
      isDone = true
      return answer
    },
  }
}

async function metered(
  client: TollgateClient,
  { userId, idempotencyKey, usage }: { userId: string; idempotencyKey: string; usage: Tokens },
) {
  const stream = meterStream(meterContext(client), {
    open: { userId, idempotencyKey, inputTokens: usage.inputTokens, ...MODEL },
    format: 'openai.chat',
    start: async () => provider(usage),
  })
  for await (const _chunk of stream) {
    // It goes to the end user.
  }
  const { charge, shortfallNanousd, stoppedBy } = await stream.ended
  expect({ shortfallNanousd, stoppedBy }).toEqual({ shortfallNanousd: 0n, stoppedBy: undefined })
  if (charge === undefined) throw new Error(`${idempotencyKey} was not settled`)
  return { replayed: false, receipt: charge, isDeferred: charge.status === 'CHARGE_STATUS_DEFERRED' }
}

async function* provider({ inputTokens, outputTokens }: Tokens) {
  for (let sent = 0; sent < outputTokens; sent += CHUNK_TOKENS) {
    await sleep(CHUNK_MS)
    yield { choices: [{ delta: { content: 'word '.repeat(CHUNK_TOKENS / 2) } }] }
  }
  yield { choices: [], usage: { prompt_tokens: inputTokens, completion_tokens: outputTokens } }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
