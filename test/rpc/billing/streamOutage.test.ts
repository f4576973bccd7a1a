import { setTimeout as sleep } from 'node:timers/promises'
import { type BreakableNetwork, breakableNetwork } from '../../support/breakableNetwork'
import { entriesOf, givenUser, userOf } from '../../support/ledger'
import { USD } from '../../support/postings'
import type { TestStream } from '../../support/streamClients'
import { INPUT, OUTPUT, type StreamServer, startStreamServer } from '../../support/streamServer'

// The way to the database breaks in mid-stream.

const VALIDITY_MS = 3_000
let network: BreakableNetwork
let server: StreamServer

beforeEach(async () => {
  server = await startStreamServer(
    { validityMs: VALIDITY_MS, amendableForMs: 60_000 },
    {
      async network(connection) {
        network = await breakableNetwork(connection)
        return network.connection
      },
    },
  )
})

afterEach(async () => {
  network.restore()
  await server.stop()
  network.close()
})

async function streams(count: number): Promise<{ userId: string; stream: TestStream }[]> {
  return await Promise.all(
    Array.from({ length: count }, async () => {
      const userId = await server.aUser()
      return { userId, stream: await server.open(userId).granted() }
    }),
  )
}

/** Reports until `done`, from a sequence on; tokens are the sequence. */
async function reporting(stream: TestStream, from: number, done: () => boolean): Promise<number> {
  let sequence = from
  while (!done()) {
    stream.progress(sequence, sequence, 1_000)
    await sleep(50)
    sequence++
  }
  return sequence - 1
}

test('streams continue within their grants while the database is unreachable, and nothing they reported is lost', async () => {
  const all = await streams(20)
  let isOver = false
  const reports = all.map(({ stream }) => reporting(stream, 1, () => isOver))
  await sleep(300)
  network.break()
  await sleep(VALIDITY_MS + 500)
  // Longer than the validity: nobody settles what could not be reported.
  network.restore()
  await sleep(1_500)
  isOver = true
  const last = await Promise.all(reports)
  for (const { stream } of all) {
    expect(stream.settlement).toBeUndefined()
    stream.halfClose()
  }
  for (const [index, { userId, stream }] of all.entries()) {
    const costNanousd = 1_000n * INPUT + BigInt(last[index] ?? 0) * OUTPUT
    expect(await stream.settled()).toMatchObject({ charge: { amountNanousd: String(costNanousd) } })
    expect(await userOf(server.database, userId)).toMatchObject({
      creditsNanousd: USD - costNanousd,
      heldNanousd: 0n,
    })
    expect(await server.wrongWith(userId)).toEqual([])
  }
}, 40_000)

test('a close that cannot be written is told to be repeated, and is charged once when it is', async () => {
  const [one] = await streams(1)
  if (one === undefined) throw new Error('no stream')
  const { userId, stream } = one
  stream.progress(1, 20, 1_000)
  await stream.acknowledged(1)
  network.break()
  stream.close({ inputTokens: 1_000, outputTokens: 70 })
  expect(await stream.refusal()).toBe('DATABASE_UNAVAILABLE')
  expect(await server.open(userId).refusal()).toBe('DATABASE_UNAVAILABLE')
  network.restore()

  const again = await untilGranted(userId)
  // What the close said was kept in memory, and recorded as soon as that was possible.
  expect(Number(again.grant.acknowledgedSequence)).toBeGreaterThanOrEqual(1)
  again.close({ inputTokens: 1_000, outputTokens: 70 })
  expect(await again.settled()).toMatchObject({
    charge: { amountNanousd: String(1_000n * INPUT + 70n * OUTPUT) },
  })
  expect((await entriesOf(server.database, userId)).map(({ kind }) => kind)).toEqual([
    'grant',
    'hold',
    'settlement',
  ])
  expect(await server.wrongWith(userId)).toEqual([])
}, 40_000)

test('an open while the database is unreachable is refused, and uses up no key', async () => {
  const userId = 'ada'
  await givenUser(server.database, userId, { overdraftLimitNanousd: USD })
  network.break()
  expect(await server.open(userId).refusal()).toBe('DATABASE_UNAVAILABLE')
  network.restore()
  const stream = await untilGranted(userId)
  stream.close({})
  await stream.settled()
}, 40_000)

/** Lanes and pool take a moment to find their way back. */
async function untilGranted(userId: string): Promise<TestStream> {
  for (;;) {
    const stream = server.open(userId)
    try {
      return await stream.granted()
    } catch (error) {
      if ((error as { reason?: string }).reason !== 'DATABASE_UNAVAILABLE') throw error
    }
  }
}
