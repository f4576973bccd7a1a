import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type BreakableWay, breakableWay } from '../support/breakableNetwork'
import { type Gateway, startGateway as startedGateway } from '../support/exampleGateway'
import { entriesOf, givenUser, userOf, whatIsWrong } from '../support/ledger'
import { linkNodeClient } from '../support/nodeClient'
import { aGrant } from '../support/postings'
import { cardOf } from '../support/priceBooks'
import { startTestServer, type TestServer } from '../support/server'

const MODEL = 'example-model'
const MESSAGES = [{ role: 'user', content: 'say something' }]
/** As the fake upstream counts them. */
const INPUT_TOKENS = BigInt(Math.ceil(JSON.stringify(MESSAGES).length / 4))
/** $1 a million input tokens, $10 a million output tokens, in nano-USD a token. */
const INPUT = 1_000n
const OUTPUT = 10_000n

// The first thing it does is to build the client that the example imports.
jest.setTimeout(180_000)

let folder: string
let server: TestServer
let way: BreakableWay
let users = 0
let gateway: Gateway

beforeAll(async () => {
  linkNodeClient()
  folder = mkdtempSync(join(tmpdir(), 'gateway-test-'))
  server = await startTestServer()
  await server.billing.prices.putPrice({
    model: MODEL,
    provider: '',
    rateCards: [cardOf({ INPUT_TOKENS: 1, OUTPUT_TOKENS: 10 })],
  })
  way = await breakableWay(() => connect(Number(server.address.split(':')[1]), '127.0.0.1'))
  gateway = await startGateway()
})

afterAll(async () => {
  gateway?.process.kill('SIGKILL')
  way?.close()
  await server?.stop()
  rmSync(folder, { recursive: true, force: true })
})

function startGateway(environment: Record<string, string> = {}): Promise<Gateway> {
  return startedGateway({
    TOLLGATE_ADDRESS: `127.0.0.1:${way.port}`,
    UNDELIVERED_DIR: join(folder, 'undelivered'),
    ...environment,
  })
}

/** A user of their own for each test; the gateway knows twenty. */
async function givenCredits(amountNanousd: bigint): Promise<string> {
  const userId = `user-${++users}`
  await givenUser(server.database, userId)
  await server.billing.ledger.post(aGrant(userId, 'order', amountNanousd))
  return userId
}

function call(userId: string, body: object, at = gateway): Promise<Response> {
  return fetch(`${at.url}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer sk-${userId}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: MODEL, messages: MESSAGES, ...body }),
  })
}

async function chargesOf(userId: string): Promise<bigint[]> {
  const entries = await entriesOf(server.database, userId)
  return entries.flatMap(({ charge }) => (charge === undefined ? [] : [charge.amountNanousd]))
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(50)
}

test('a finished call is charged by the provider’s count', async () => {
  const userId = await givenCredits(1_000_000_000n)
  const answer = await call(userId, { max_tokens: 50 })
  const cost = INPUT_TOKENS * INPUT + 50n * OUTPUT
  expect(answer.status).toBe(200)
  expect(answer.headers.get('x-cost-nanousd')).toBe(String(cost))
  expect(await answer.json()).toMatchObject({ usage: { completion_tokens: 50 } })
  expect(await chargesOf(userId)).toEqual([cost])
  expect(await whatIsWrong(server.database, userId)).toEqual([])
})

test('a stream is charged when it ends', async () => {
  const userId = await givenCredits(1_000_000_000n)
  const answer = await call(userId, { max_tokens: 50, stream: true, stream_options: { include_usage: true } })
  expect(await answer.text()).toMatch(/"completion_tokens":50.*data: \[DONE\]\n\n$/s)
  expect(await chargesOf(userId)).toEqual([INPUT_TOKENS * INPUT + 50n * OUTPUT])
  expect(await userOf(server.database, userId)).toMatchObject({ heldNanousd: 0n })
})

test('a stream stops at the last token that is paid for', async () => {
  const userId = await givenCredits(INPUT_TOKENS * INPUT + 30n * OUTPUT)
  const answer = await call(userId, { max_tokens: 150, stream: true })
  const words = (await answer.text()).match(/"content":/g) ?? []
  expect(words.length).toBeGreaterThan(0)
  expect(words.length).toBeLessThanOrEqual(30)
  const user = await userOf(server.database, userId)
  expect(user.creditsNanousd).toBeGreaterThanOrEqual(0n)
  expect(user.creditsNanousd).toBeLessThan(30n * OUTPUT)
  expect(await server.client.listDeductionFailures({})).toMatchObject({ failures: [] })
})

test('a caller who hangs up pays for what was delivered', async () => {
  const userId = await givenCredits(1_000_000_000n)
  const answer = await call(userId, { max_tokens: 200, stream: true })
  const body = answer.body?.getReader()
  await body?.read()
  await body?.cancel()
  await until(async () => (await chargesOf(userId)).length > 0)
  const [charged = 0n] = await chargesOf(userId)
  expect(charged).toBeGreaterThanOrEqual(INPUT_TOKENS * INPUT + OUTPUT)
  expect(charged).toBeLessThan(INPUT_TOKENS * INPUT + 200n * OUTPUT)
  expect(await userOf(server.database, userId)).toMatchObject({ heldNanousd: 0n })
})

test.each([
  ['without credits', 1n, { max_tokens: 50 }, 402],
  ['without credits, streaming', 1n, { max_tokens: 50, stream: true }, 402],
  ['with a model that has no price', 1_000_000_000n, { model: 'nobody-prices-this' }, 404],
  ['with one, streaming', 1_000_000_000n, { model: 'nobody-prices-this', stream: true }, 404],
])('a call %s is refused', async (_name, creditsNanousd, body, status) => {
  const userId = await givenCredits(creditsNanousd)
  const answer = await call(userId, body)
  expect(answer.status).toBe(status)
  expect(await answer.json()).toMatchObject({ error: { message: expect.any(String) } })
  expect(await chargesOf(userId)).toEqual([])
})

test('a call without a key is refused', async () => {
  expect(await call('nobody', {})).toMatchObject({ status: 401 })
})

test('a stream that outlives tollgate continues, and is settled when tollgate is back', async () => {
  const userId = await givenCredits(1_000_000_000n)
  const answer = await call(userId, {
    max_tokens: 200,
    stream: true,
    stream_options: { include_usage: true },
  })
  const said: string[] = []
  for await (const part of answer.body as unknown as AsyncIterable<Uint8Array>) {
    if (said.length === 0) way.break()
    said.push(Buffer.from(part).toString())
  }
  expect(said.join('')).toContain('"completion_tokens":200')
  expect(await chargesOf(userId)).toEqual([])
  expect(readdirSync(join(folder, 'undelivered'))).toHaveLength(1)
  way.restore()
  // It delivers at its start, as it does every half minute.
  gateway.process.kill('SIGKILL')
  gateway = await startGateway()
  await until(async () => (await chargesOf(userId)).length > 0)
  expect(await chargesOf(userId)).toEqual([INPUT_TOKENS * INPUT + 200n * OUTPUT])
  expect(await whatIsWrong(server.database, userId)).toEqual([])
})

test('a finished call that cannot be reported while tollgate is down is charged once when it is back', async () => {
  const userId = await givenCredits(1_000_000_000n)
  const undelivered = join(folder, 'undelivered-calls')
  const usage = { prompt_tokens: 10, completion_tokens: 20 }
  const provider = createServer((_request, response) => {
    // Between the quote and the charge.
    way.break()
    response.end(JSON.stringify({ choices: [], usage }))
  })
  await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve))
  const environment = {
    OPENAI_BASE_URL: `http://127.0.0.1:${(provider.address() as AddressInfo).port}`,
    UNDELIVERED_DIR: undelivered,
  }
  let own = await startGateway(environment)
  try {
    const answer = await call(userId, {}, own)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('x-cost-nanousd')).toBe('unknown')
    expect(await answer.json()).toMatchObject({ usage })
    expect(readdirSync(undelivered)).toHaveLength(1)
    expect(await chargesOf(userId)).toEqual([])

    own.process.kill('SIGKILL')
    way.restore()
    own = await startGateway(environment)
    await until(async () => (await chargesOf(userId)).length > 0)
    await until(async () => readdirSync(undelivered).length === 0)
    expect(await chargesOf(userId)).toEqual([10n * INPUT + 20n * OUTPUT])
    expect(existsSync(join(undelivered, 'refused'))).toBe(false)
  } finally {
    own.process.kill('SIGKILL')
    provider.close()
    way.restore()
  }
})

test('a finished call without the provider’s count is charged by an estimate', async () => {
  const userId = await givenCredits(1_000_000_000n)
  const choices = [{ message: { role: 'assistant', content: 'x'.repeat(400) } }]
  const provider = createServer((_request, response) => response.end(JSON.stringify({ choices })))
  await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve))
  const own = await startGateway({
    OPENAI_BASE_URL: `http://127.0.0.1:${(provider.address() as AddressInfo).port}`,
  })
  try {
    expect(await call(userId, {}, own)).toMatchObject({ status: 200 })
    const outputTokens = 100n
    expect(await chargesOf(userId)).toEqual([INPUT_TOKENS * INPUT + outputTokens * OUTPUT])
  } finally {
    own.process.kill('SIGKILL')
    provider.close()
  }
})
