import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { inspect } from 'node:util'
import { status } from '@grpc/grpc-js'
import { connectTollgate, type OpenSettings, openTollgate, type Tollgate } from '../../clients/node/src/index'
import { type BreakableWay, breakableWay } from '../support/breakableNetwork'
import { entriesOf } from '../support/ledger'
import { refusal, scriptedPeer } from '../support/scriptedPeer'
import { INPUT, OUTPUT, type StreamServer, startStreamServer } from '../support/streamServer'

let server: StreamServer
let way: BreakableWay
let directory: string
const opened: Tollgate[] = []

beforeAll(async () => {
  server = await startStreamServer({ validityMs: 60_000 })
  way = await breakableWay(() => connect(Number(server.address.split(':')[1]), '127.0.0.1'))
})

afterAll(async () => {
  way.close()
  await server.stop()
})

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tollgate-open-'))
})

afterEach(async () => {
  way.restore()
  await Promise.all(opened.splice(0).map((each) => each.shutdown({ timeoutMs: 2_000 })))
  await rm(directory, { recursive: true })
})

async function open(settings: Partial<OpenSettings> = {}): Promise<Tollgate> {
  const tollgate = await openTollgate({
    address: `127.0.0.1:${way.port}`,
    store: directory,
    storeBytesMax: 1024 * 1024,
    whileDown: { waitMs: 2_000 },
    deliverEveryMs: 60_000,
    ...settings,
  })
  opened.push(tollgate)
  return tollgate
}

const costOf = (input: number, output: number) => BigInt(input) * INPUT + BigInt(output) * OUTPUT
const chargesOf = async (userId: string) =>
  (await entriesOf(server.database, userId)).flatMap(({ charge }) => charge?.amountNanousd ?? [])
const filesIn = async () => (await readdir(directory)).filter((name) => name.endsWith('.json'))

let keys = 0
const callOf = (userId: string) => ({ idempotencyKey: `call-${++keys}`, userId, model: 'test-model' })
const answer = (outputTokens: number) => ({
  choices: [{ message: { content: 'word '.repeat(outputTokens) } }],
  usage: { prompt_tokens: 100, completion_tokens: outputTokens },
})

describe('hold', () => {
  const heldCall = (userId: string, call: () => Promise<object>, maxOutputTokens = 500) => ({
    open: { ...callOf(userId), inputTokens: 100, maxOutputTokens },
    format: 'openai.chat' as const,
    call,
  })

  it('charges the cost that the provider states, where the operator allows it, and keeps it through an outage', async () => {
    const { settings } = server.billing.prices as unknown as { settings: { reportedCosts: object[] } }
    settings.reportedCosts = [{ provider: '*' }]
    const tollgate = await open()
    const userId = await server.aUser()
    const stated = { nanousd: costOf(100, 40), source: 'usage.cost' }
    const called = { ...heldCall(userId, async () => answer(30)), reportedCost: () => stated }
    const { charge } = await tollgate.hold(called)
    expect(charge).toMatchObject({
      amountNanousd: String(stated.nanousd),
      reportedCostSource: 'usage.cost',
      ratedAmountNanousd: String(costOf(100, 30)),
    })
    const cutOff = async () => {
      way.break()
      return answer(30)
    }
    const kept = await tollgate.hold({ ...heldCall(userId, cutOff), reportedCost: () => stated })
    expect(kept.charge).toBeUndefined()
    way.restore()
    await tollgate.deliver()
    expect(await chargesOf(userId)).toEqual([stated.nanousd, stated.nanousd])
    settings.reportedCosts = []
  })

  it('makes one of five concurrent calls on a balance for one, and refuses four before the provider is called', async () => {
    const tollgate = await open()
    const userId = await server.aUser(costOf(100, 500) + costOf(100, 100))
    const call = jest.fn(async () => {
      await sleep(200)
      return answer(400)
    })

    const results = await Promise.allSettled(
      Array.from({ length: 5 }, () => tollgate.hold(heldCall(userId, call))),
    )

    expect(call).toHaveBeenCalledTimes(1)
    const reasons = results.map((result) => (result.status === 'rejected' ? result.reason.reason : 'made'))
    expect(reasons.sort()).toEqual([...Array(4).fill('INSUFFICIENT_CREDITS'), 'made'])
    expect(await chargesOf(userId)).toEqual([costOf(100, 400)])
    expect(await server.wrongWith(userId)).toEqual([])
  })

  it('gives the answer and its receipt, charged by what the provider counted', async () => {
    const tollgate = await open()
    const userId = await server.aUser()
    const held = await tollgate.hold(heldCall(userId, async () => answer(30)))
    expect(held.answer).toEqual(answer(30))
    expect(held.charge).toMatchObject({
      amountNanousd: String(costOf(100, 30)),
      usageSource: 'USAGE_SOURCE_PROVIDER',
    })
    expect(await filesIn()).toEqual([])
  })

  it('charges what was delivered where the provider counts far less, or nothing', async () => {
    const tollgate = await open()
    const userId = await server.aUser()
    const words = { choices: [{ message: { content: 'one two three four five six seven eight' } }] }
    const lying = { ...words, usage: { prompt_tokens: 100, completion_tokens: 1 } }
    for (const said of [lying, words]) {
      const { charge } = await tollgate.hold(heldCall(userId, async () => said))
      expect(charge).toMatchObject({ usageSource: 'USAGE_SOURCE_ESTIMATED' })
    }
    expect(await chargesOf(userId)).toEqual([costOf(100, 10), costOf(100, 10)])
    expect(tollgate.stats().undercounted).toBe(1)
  })

  it('charges nothing for a call that fails, and throws what it failed with', async () => {
    const tollgate = await open()
    const userId = await server.aUser()
    const call = () => Promise.reject(new Error('503 from the provider'))
    await expect(tollgate.hold(heldCall(userId, call))).rejects.toThrow('503 from the provider')
    expect(await chargesOf(userId)).toEqual([0n])
    expect(await server.wrongWith(userId)).toEqual([])
  })

  it('continues a known user while tollgate is down, refuses a stranger, and charges when it is back, once', async () => {
    const tollgate = await open()
    const [userId, stranger] = [await server.aUser(), await server.aUser()]
    await tollgate.hold(heldCall(userId, async () => answer(10)))
    way.break()
    const call = jest.fn(async () => answer(20))

    await expect(tollgate.hold(heldCall(stranger, call))).rejects.toMatchObject({ reason: 'UNAVAILABLE' })
    expect(call).not.toHaveBeenCalled()
    expect(await tollgate.hold(heldCall(userId, call))).toMatchObject({ charge: undefined })
    expect(tollgate.stats()).toMatchObject({ onTrust: 1, undelivered: { entries: 1 } })

    way.restore()
    await server.client.getUser({ userId })
    expect((await (await open()).deliver()).waiting).toBe(0)
    expect(await chargesOf(userId)).toEqual([costOf(100, 10), costOf(100, 20)])
    expect(await filesIn()).toEqual([])
    expect(await server.wrongWith(userId)).toEqual([])
  })
})

describe('charge', () => {
  const usage = { inputTokens: 100, outputTokens: 10 }

  it('is on disk while no server answers, and is charged when one is back, once', async () => {
    const tollgate = await open()
    const userId = await server.aUser()
    way.break()
    expect(await tollgate.charge({ ...callOf(userId), usage })).toEqual({
      charge: undefined,
      replayed: false,
    })
    expect(await filesIn()).toHaveLength(1)
    await tollgate.shutdown()

    way.restore()
    const later = await open()
    await later.deliver()
    expect(await chargesOf(userId)).toEqual([costOf(100, 10)])
    expect(await filesIn()).toEqual([])
  })

  it('is on disk before it is sent', async () => {
    let kept: string[] = []
    const peer = await scriptedPeer(async () => {
      kept = await filesIn()
      return {}
    })
    const tollgate = await open({ address: peer.address })
    try {
      await tollgate.charge({ ...callOf('ada'), usage })
      expect(kept).toHaveLength(1)
      expect(await filesIn()).toEqual([])
    } finally {
      peer.stop()
    }
  })

  it.each([
    ['is forgotten where tollgate lists it', status.FAILED_PRECONDITION, 'INSUFFICIENT_CREDITS', 0],
    ['is set aside where tollgate refuses it for good', status.NOT_FOUND, 'USER_NOT_FOUND', 1],
  ])('that is refused %s', async (_name, code, reason, setAside) => {
    const peer = await scriptedPeer(() => refusal(code, reason))
    const tollgate = await open({ address: peer.address })
    try {
      await expect(tollgate.charge({ ...callOf('ada'), usage })).rejects.toMatchObject({ reason })
      expect(await filesIn()).toEqual([])
      expect(await readdir(join(directory, 'refused')).catch(() => [])).toHaveLength(setAside)
    } finally {
      peer.stop()
    }
  })
})

describe('shutdown', () => {
  it('stops streams, settles what they delivered, and accepts no more', async () => {
    const tollgate = await open()
    const userId = await server.aUser()
    async function* endless() {
      for (;;) {
        yield { choices: [{ delta: { content: 'four' } }] }
        await sleep(1)
      }
    }
    const metered = tollgate.meterStream({
      open: { ...callOf(userId), inputTokens: 100 },
      format: 'openai.chat',
      start: () => endless(),
    })
    let read = 0
    let left: Promise<unknown> = Promise.resolve()
    for await (const _ of metered) if (++read === 20) left = tollgate.shutdown()

    expect(await left).toEqual({ undelivered: 0 })
    expect(await metered.ended).toMatchObject({ stoppedBy: 'ABORTED' })
    expect(await chargesOf(userId)).toEqual([costOf(100, 20)])
    await expect(tollgate.charge(callOf(userId))).rejects.toThrow('the client is closed')
  })

  it('ends in time where no server answers', async () => {
    const tollgate = await open({ store: undefined as never })
    way.break()
    const charging = tollgate.charge({ ...callOf('ada'), usage: {} }).catch(({ reason }) => reason)
    const startedAt = performance.now()
    await tollgate.shutdown({ timeoutMs: 300 })
    expect(performance.now() - startedAt).toBeLessThan(2_000)
    await charging
  })
})

it('holds no more than it may in memory while tollgate hangs', async () => {
  const peer = await scriptedPeer(() => new Promise(() => undefined))
  const client = connectTollgate({ address: peer.address, pendingMax: 10 })
  try {
    const calls = Array.from({ length: 12 }, (_, at) =>
      client.chargeUsage({ idempotencyKey: String(at) }, { timeoutMs: 500 }).catch(({ reason }) => reason),
    )
    const reasons = await Promise.all(calls)
    expect(reasons.filter((reason) => reason === 'CLIENT_OVERLOADED')).toHaveLength(2)
    expect(reasons.filter((reason) => reason === 'DEADLINE_EXCEEDED')).toHaveLength(10)
  } finally {
    client.close()
    peer.stop()
  }
}, 30_000)

it('has no secret in an error', async () => {
  const token = 'a-very-secret-token'
  const guarded = connectTollgate({ address: server.address, token })
  const nowhere = connectTollgate({ address: '127.0.0.1:1', token, retry: { retriesMax: 0 } })
  for (const client of [guarded, nowhere]) {
    const error = await client.getUser({ userId: 'nobody' }).catch((failure) => failure)
    expect(inspect(error, { depth: null, showHidden: true })).not.toContain(token)
    client.close()
  }
})
