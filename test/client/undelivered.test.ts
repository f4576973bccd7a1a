import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectTollgate, meterStream, type TollgateClient, UndeliveredSettlements } from '../../src/client'
import { type BreakableWay, breakableWay } from '../support/breakableNetwork'
import { startTestServer } from '../support/server'
import { INPUT, OUTPUT, openOf, type StreamServer, startStreamServer } from '../support/streamServer'

let server: StreamServer
let client: TollgateClient
let way: BreakableWay
let directory: string

beforeAll(async () => {
  server = await startStreamServer({ validityMs: 60_000 })
  way = await breakableWay(() => connect(Number(server.address.split(':')[1]), '127.0.0.1'))
  client = connectTollgate({ address: `127.0.0.1:${way.port}` })
})

afterAll(async () => {
  client.close()
  way.close()
  await server.stop()
})

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tollgate-undelivered-'))
})

afterEach(() => rm(directory, { recursive: true }))

/** The end of a generation of ten tokens that no server has heard of. */
async function keep(undelivered: UndeliveredSettlements, userId: string): Promise<void> {
  const close = { usage: { inputTokens: 1_000, outputTokens: 10 }, end: 'STREAM_END_COMPLETED' as const }
  await undelivered.keep({ open: openOf(userId), close })
}

const COST = 1_000n * INPUT + 10n * OUTPUT

const amountsOf = async (userId: string) =>
  (await server.settlementsOf(userId)).map(({ charge }) => charge?.amountNanousd)

it('is at work once, however often it is called', async () => {
  const userId = await server.aUser()
  const undelivered = new UndeliveredSettlements(directory)
  await keep(undelivered, userId)

  let opened = 0
  const counted: TollgateClient = {
    ...client,
    streamSettle() {
      opened++
      return client.streamSettle()
    },
  }

  const deliveries = Array.from({ length: 3 }, () => undelivered.deliver(counted))

  expect(await Promise.all(deliveries)).toEqual(Array(3).fill({ delivered: 1, waiting: 0, refused: 0 }))
  expect(opened).toBe(1)
  expect(await amountsOf(userId)).toEqual([COST])
  expect(await readdir(directory)).toEqual([])
})

it('is refused nothing because somebody else delivers the same', async () => {
  const userId = await server.aUser()
  const [one, other] = [new UndeliveredSettlements(directory), new UndeliveredSettlements(directory)]
  await keep(one, userId)

  await Promise.all([one.deliver(client), other.deliver(server.client)])
  await one.deliver(client)

  expect(await amountsOf(userId)).toEqual([COST])
  expect(await readdir(directory)).toEqual([])
})

it('waits for a token that the server knows, and for a client that is not closed', async () => {
  const userId = await server.aUser()
  const undelivered = new UndeliveredSettlements(directory)
  await keep(undelivered, userId)
  const closed = connectTollgate({ address: server.address })
  closed.close()
  const guarded = await startTestServer({ tokens: [] })
  try {
    const waiting = { delivered: 0, waiting: 1, refused: 0 }
    expect(await undelivered.deliver(closed)).toEqual(waiting)
    expect(await undelivered.deliver(guarded.client)).toEqual(waiting)
  } finally {
    await guarded.stop()
  }
  expect(await undelivered.deliver(client)).toEqual({ delivered: 1, waiting: 0, refused: 0 })
  expect(await amountsOf(userId)).toEqual([COST])
})

it('waits where the server has too many streams: such a call is not on its list of deduction failures', async () => {
  const [busy, userId] = [await server.aUser(), await server.aUser()]
  const undelivered = new UndeliveredSettlements(directory)
  await keep(undelivered, userId)
  const open = server.open(busy)
  await open.granted()
  const { streams } = server.billing
  const { streamsMax } = streams
  streams.streamsMax = 1

  expect(await undelivered.deliver(client)).toEqual({ delivered: 0, waiting: 1, refused: 0 })

  streams.streamsMax = streamsMax
  open.close()
  await open.ended
  expect(await undelivered.deliver(client)).toEqual({ delivered: 1, waiting: 0, refused: 0 })
  expect(await amountsOf(userId)).toEqual([COST])
})

it('sets a file aside that is broken, and delivers the others', async () => {
  const userId = await server.aUser()
  const undelivered = new UndeliveredSettlements(directory)
  await writeFile(join(directory, '0.json'), '')
  await writeFile(join(directory, '1.json'), '{"open": {"userId"')
  await keep(undelivered, userId)

  expect(await undelivered.deliver(client)).toEqual({ delivered: 1, waiting: 0, refused: 2 })
  expect(await readdir(join(directory, 'refused'))).toEqual(['0.json', '1.json'])
})

it('goes on to ask the server where the disk takes nothing', async () => {
  const userId = await server.aUser()
  const noDirectory = join(directory, 'a file')
  await writeFile(noDirectory, '')
  async function* generation() {
    yield { choices: [{ delta: { content: 'four' } }] }
    way.break()
    // Until the client has noticed.
    while (await client.getUser({ userId }, { timeoutMs: 50 }).then(Boolean, () => false));
  }
  const metered = meterStream(client, {
    open: openOf(userId),
    format: 'openai.chat',
    start: () => generation(),
    whenUnreachable: { waitMs: 100, undelivered: new UndeliveredSettlements(noDirectory) },
  })
  for await (const _ of metered);
  way.mend()

  expect((await metered.ended).charge).toMatchObject({ amountNanousd: (1_000n * INPUT + OUTPUT).toString() })
})
