import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  connectTollgate,
  isUndecided,
  meterStream,
  type TollgateClient,
  UndeliveredSettlements,
} from '../../clients/node/src/index'
import { type BreakableWay, breakableWay } from '../support/breakableNetwork'
import { entriesOf } from '../support/ledger'
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
  await writeFile(join(directory, '2.json'), 'null')
  await keep(undelivered, userId)

  expect(await undelivered.deliver(client)).toEqual({ delivered: 1, waiting: 0, refused: 3 })
  expect(await readdir(join(directory, 'refused'))).toEqual(['0.json', '1.json', '2.json'])
})

describe('a finished call', () => {
  const callOf = (userId: string) => ({
    ...{ idempotencyKey: 'call', userId, model: 'test-model' },
    usage: { inputTokens: 1_000, outputTokens: 10 },
    occurredAt: now(),
  })
  /** To the millisecond: within this second, there may have been no price yet. */
  const now = () => {
    const ms = Date.now()
    return { seconds: Math.floor(ms / 1_000), nanos: (ms % 1_000) * 1_000_000 }
  }
  const chargesOf = async (userId: string) =>
    (await entriesOf(server.database, userId)).flatMap(({ charge }) => charge?.amountNanousd ?? [])

  it('that no server could be asked about is charged when one is back, once', async () => {
    const userId = await server.aUser()
    const undelivered = new UndeliveredSettlements(directory)
    const call = callOf(userId)
    way.break()
    const error = await client.chargeUsage(call).catch((failure) => failure)
    expect(isUndecided(error)).toBe(true)
    await undelivered.keepCharge(call)

    expect(await undelivered.deliver(client)).toEqual({ delivered: 0, waiting: 1, refused: 0 })

    way.mend()
    // As after a crash: another process finds the file.
    const later = new UndeliveredSettlements(directory)
    expect(await later.deliver(server.client)).toEqual({ delivered: 1, waiting: 0, refused: 0 })
    expect(await chargesOf(userId)).toEqual([COST])
    expect(await readdir(directory)).toEqual([])
  })

  it('that was charged all the same is delivered, and nothing is set aside', async () => {
    const userId = await server.aUser()
    const undelivered = new UndeliveredSettlements(directory)
    const call = callOf(userId)
    await server.client.chargeUsage(call)
    await undelivered.keepCharge(call)

    expect(await undelivered.deliver(server.client)).toEqual({ delivered: 1, waiting: 0, refused: 0 })

    expect(await chargesOf(userId)).toEqual([COST])
    expect(await readdir(directory)).toEqual([])
  })

  it('that is kept before it is charged, and forgotten then, leaves nothing behind', async () => {
    const userId = await server.aUser()
    const undelivered = new UndeliveredSettlements(directory)
    const call = callOf(userId)
    await undelivered.keepCharge(call)
    await server.client.chargeUsage(call)
    await undelivered.forget(call)

    expect(await readdir(directory)).toEqual([])
  })

  it('that nobody can pay is on the list of deduction failures then', async () => {
    const userId = await server.aUser(0n)
    const undelivered = new UndeliveredSettlements(directory)
    await undelivered.keepCharge(callOf(userId))

    expect(await undelivered.deliver(server.client)).toEqual({ delivered: 1, waiting: 0, refused: 0 })

    const { failures } = await server.client.listDeductionFailures({ userId })
    expect(failures).toMatchObject([{ idempotencyKey: 'call', amountNanousd: COST.toString() }])
  })

  it('of a user that is not there is set aside', async () => {
    const undelivered = new UndeliveredSettlements(directory)
    await undelivered.keepCharge(callOf('nobody'))

    expect(await undelivered.deliver(server.client)).toEqual({ delivered: 0, waiting: 0, refused: 1 })

    expect(await readdir(join(directory, 'refused'))).toHaveLength(1)
  })
})

it('delivers an end that was charged as a finished call before a crash', async () => {
  const userId = await server.aUser()
  const undelivered = new UndeliveredSettlements(directory)
  await keep(undelivered, userId)
  const [name = ''] = await readdir(directory)
  const { open, close, endedAt } = JSON.parse(await readFile(join(directory, name), 'utf8'))
  const { inputTokens: _input, ...call } = open
  await server.client.chargeUsage({ ...call, usage: close.usage, occurredAt: { seconds: endedAt } })

  expect(await undelivered.deliver(server.client)).toEqual({ delivered: 1, waiting: 0, refused: 0 })

  const charges = (await entriesOf(server.database, userId)).flatMap(({ charge }) => charge ?? [])
  expect(charges.map(({ amountNanousd }) => amountNanousd)).toEqual([COST])
})

it('sets an end aside that came when its stream was settled for good', async () => {
  const late = await startStreamServer({ validityMs: 500, amendableForMs: 0 })
  try {
    const userId = await late.aUser()
    const stream = await late.open(userId).granted()
    stream.progress(1, 5, 1_000)
    await stream.acknowledged(1)
    stream.cancel()
    await late.untilSettled(userId)
    const undelivered = new UndeliveredSettlements(directory)
    await keep(undelivered, userId)

    expect(await undelivered.deliver(late.client)).toEqual({ delivered: 0, waiting: 0, refused: 1 })

    expect(await readdir(join(directory, 'refused'))).toHaveLength(1)
  } finally {
    await late.stop()
  }
})

it('says that its directory can not be read, as against that there is nothing in it', async () => {
  expect(await new UndeliveredSettlements(join(directory, 'none')).deliver(client)).toEqual({
    ...{ delivered: 0, waiting: 0, refused: 0 },
  })
  await writeFile(join(directory, 'a file'), '')
  const unreadable = new UndeliveredSettlements(join(directory, 'a file'))
  await expect(unreadable.deliver(client)).rejects.toMatchObject({ code: 'ENOTDIR' })
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
