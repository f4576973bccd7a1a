import { setTimeout as sleep } from 'node:timers/promises'
import { connectTollgate, type TollgateClient } from '../../../clients/node/src/connect'
import { Streams } from '../../../src/billing/streams/streamSettle'
import { streamSettle } from '../../../src/rpc/billing/streamSettle'
import { startRpcServer } from '../../../src/rpc/server/server'
import { entriesOf, userOf } from '../../support/ledger'
import { USD } from '../../support/postings'
import { cuttableProxy, TestStream } from '../../support/streamClients'
import {
  expireAll,
  INPUT,
  OUTPUT,
  openOf,
  type StreamServer,
  startStreamServer,
} from '../../support/streamServer'

// Every stream says the same, and is cut after each of its messages in turn.

/** Output tokens of each progress, by sequence from 1. Some extend the hold; one takes tokens back. */
const REPORTED = [30, 60, 150, 140]
const CLOSED_AT = 210
const RESUMED_AT = 300
const MESSAGES = REPORTED.length + 1
const STREAMS_PER_GROUP = 28

const WAYS = ['the client cancels', 'the cable is cut', 'the server stops'] as const
interface Group {
  way: (typeof WAYS)[number]
  /** Messages sent after the open, the close being the last. */
  sent: number
  resumed: boolean
  /** The messages were acknowledged before the cut; otherwise some may be lost on the way. */
  arrived: boolean
  userId: string
  open: (idempotencyKey: string) => void
  cut: () => Promise<void> | void
  streams: TestStream[]
  acked: number[]
}

let server: StreamServer

beforeAll(async () => {
  server = await startStreamServer({ validityMs: 60_000, streamsMax: 5_000 })
})

afterAll(() => server.stop())

/** Another server on the same books, which can be stopped from one moment to the next. */
async function aServerThatStops(): Promise<{ client: TollgateClient; stop: () => Promise<void> }> {
  const streams = new Streams({ ...server.billing, streams: { ...server.billing.streams, drainMs: 0 } })
  streams.start()
  const rpc = await startRpcServer({
    billing: server.billing,
    host: '127.0.0.1',
    port: 0,
    streamSettle: streamSettle(streams),
  })
  const client = connectTollgate({ address: `127.0.0.1:${rpc.port}` })
  let stopped: Promise<void> | undefined
  const stop = async () => {
    await streams.drain()
    client.close()
    await rpc.drain(0)
  }
  return {
    client,
    stop: () => {
      stopped ??= stop()
      return stopped
    },
  }
}

async function groups(): Promise<Group[]> {
  const stopping = new Map([
    [true, await aServerThatStops()],
    [false, await aServerThatStops()],
  ])
  const all: Group[] = []
  for (const way of WAYS)
    for (const resumed of [true, false])
      for (const arrived of [true, false])
        for (let sent = 0; sent <= MESSAGES; sent++) {
          const userId = await server.aUser(USD)
          const { client, cut } = await connectionOf(way, stopping.get(arrived))
          const streams: TestStream[] = []
          const open = (idempotencyKey: string) =>
            streams.push(new TestStream(client, { ...openOf(userId), idempotencyKey }))
          all.push({
            open,
            way,
            sent,
            resumed,
            arrived,
            userId,
            cut: cut ?? (() => cancelAll(streams)),
            streams,
            acked: [],
          })
        }
  return all
}

async function connectionOf(
  way: Group['way'],
  stopping: Awaited<ReturnType<typeof aServerThatStops>> | undefined,
): Promise<{ client: TollgateClient; cut?: Group['cut'] }> {
  switch (way) {
    case 'the client cancels':
      return { client: server.client }
    case 'the server stops':
      if (stopping === undefined) throw new Error('there is no server to stop')
      return { client: stopping.client, cut: stopping.stop }
    case 'the cable is cut': {
      const proxy = await cuttableProxy(server.rpc.port)
      const client = connectTollgate({ address: proxy.address })
      const cut = () => {
        proxy.cut()
        client.close()
      }
      return { client, cut }
    }
  }
}

function cancelAll(streams: TestStream[]): void {
  for (const stream of streams) stream.cancel()
}

function say({ sent, streams }: Group): void {
  for (const stream of streams) {
    REPORTED.slice(0, sent).forEach((tokens, index) => {
      stream.progress(index + 1, tokens, 1_000)
    })
    if (sent === MESSAGES) stream.close({ inputTokens: 1_000, outputTokens: CLOSED_AT })
  }
}

function arrivedOf({ sent }: Group): (stream: TestStream) => Promise<unknown> {
  return (stream) =>
    sent === MESSAGES ? stream.settled() : sent === 0 ? stream.granted() : stream.acknowledged(sent)
}

/** Resumes the stream, or gets its receipt. Returns what it should be charged for. */
async function resume({ userId, acked, sent, arrived }: Group, index: number): Promise<number> {
  const stream = server.open(userId, { idempotencyKey: `s-${index}` })
  await stream.until(({ grants, settlements }) => grants.length + settlements.length > 0)
  if (stream.settlement !== undefined) {
    expect({ sent, usage: stream.settlement.charge?.usage?.outputTokens }).toEqual({
      sent: MESSAGES,
      usage: String(CLOSED_AT),
    })
    return CLOSED_AT
  }
  const known = Number(stream.grant.acknowledgedSequence)
  expect(known).toBeGreaterThanOrEqual(acked[index] ?? 0)
  if (arrived) expect(known).toBe(Math.min(sent, REPORTED.length))
  if (index % 2 === 0) {
    stream.progress(known + 1, RESUMED_AT - 50, 1_000)
    stream.close({ inputTokens: 1_000, outputTokens: RESUMED_AT })
  } else {
    stream.halfClose()
  }
  await stream.settled()
  expect(await stream.ended).toBeUndefined()
  return index % 2 === 0 ? RESUMED_AT : tokensAt(known)
}

function tokensAt(sequence: number): number {
  return sequence === 0 ? 0 : (REPORTED[sequence - 1] as number)
}

/** What the books say of a user's streams, by index: output tokens charged. */
async function chargedTo(userId: string): Promise<Map<number, bigint>> {
  const holds = await server.database.kysely
    .selectFrom('holds')
    .select(['key_id', 'idempotency_key', 'sequence', 'usage', 'state'])
    .where('user_id', '=', userId)
    .execute()
  const indexes = new Map(holds.map((hold) => [hold.key_id, Number(hold.idempotency_key.slice(2))]))
  const settlements = await server.settlementsOf(userId)
  expect(holds.map(({ state }) => state)).toEqual(holds.map(() => 'settled'))
  expect(settlements).toHaveLength(STREAMS_PER_GROUP)
  return new Map(
    settlements.map(({ holdKeyId = '', charge }) => {
      const usage = charge?.usage
      expect(charge?.amountNanousd).toBe(
        (usage?.inputTokens ?? 0n) * INPUT + (usage?.outputTokens ?? 0n) * OUTPUT,
      )
      return [indexes.get(holdKeyId) ?? -1, usage?.outputTokens ?? -1n]
    }),
  )
}

test('2,000 streams that are cut after each of their messages are charged to the token, once', async () => {
  const all = await groups()
  expect(all.length * STREAMS_PER_GROUP).toBeGreaterThanOrEqual(2_000)
  for (const { open } of all) for (let index = 0; index < STREAMS_PER_GROUP; index++) open(`s-${index}`)
  await Promise.all(all.flatMap(({ streams }) => streams.map((stream) => stream.granted())))

  for (const group of all.filter(({ arrived }) => arrived)) say(group)
  await Promise.all(
    all.filter(({ arrived }) => arrived).flatMap((group) => group.streams.map(arrivedOf(group))),
  )
  for (const group of all.filter(({ arrived }) => !arrived)) say(group)
  const cuts = all.map(async (group) => {
    await group.cut()
    // Acknowledgements that were received count as promises.
    group.acked = group.streams.map(({ acks }) => Number(acks.at(-1)?.sequence ?? 0))
  })
  await Promise.all(cuts)
  await Promise.all(all.flatMap(({ streams }) => streams.map(({ ended }) => ended)))
  await sleep(200)

  const resumed = all.filter((group) => group.resumed)
  const expected = await Promise.all(
    resumed.map((group) => Promise.all(group.streams.map((_, index) => resume(group, index)))),
  )
  for (const [position, group] of resumed.entries()) {
    const charged = await chargedTo(group.userId)
    const tokens = group.streams.map((_, index) => Number(charged.get(index)))
    expect({ group: nameOf(group), tokens }).toEqual({ group: nameOf(group), tokens: expected[position] })
  }

  await expireAll(server)
  for (const group of all.filter(({ resumed: isResumed }) => !isResumed)) {
    const charged = await chargedTo(group.userId)
    for (let index = 0; index < STREAMS_PER_GROUP; index++) {
      const possible = group.sent === MESSAGES ? [CLOSED_AT] : [tokensAt(group.sent)]
      // What had not arrived when the connection went is lost; what was acknowledged never is.
      if (!group.arrived)
        for (let at = group.acked[index] ?? 0; at < group.sent; at++) possible.push(tokensAt(at))
      expect({ group: nameOf(group), possible }).toEqual({
        group: nameOf(group),
        possible: expect.arrayContaining([Number(charged.get(index))]),
      })
    }
  }

  for (const { userId } of all) {
    expect(await server.wrongWith(userId)).toEqual([])
    expect((await userOf(server.database, userId)).heldNanousd).toBe(0n)
    expect((await entriesOf(server.database, userId)).some(({ kind }) => kind === 'adjustment')).toBe(false)
  }
}, 60_000)

function nameOf({ way, sent, resumed, arrived }: Group): string {
  return `${way} after ${sent}${resumed ? ', resumed' : ''}${arrived ? '' : ', in flight'}`
}
