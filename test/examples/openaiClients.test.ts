import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Gateway, startGateway } from '../support/exampleGateway'
import { entriesOf, givenUser, whatIsWrong } from '../support/ledger'
import { linkNodeClient } from '../support/nodeClient'
import { aGrant } from '../support/postings'
import { cardOf } from '../support/priceBooks'
import { startTestServer, type TestServer } from '../support/server'

// The gateway example, called as an application calls OpenAI: with OpenAI's own packages.

const run = promisify(execFile)
const PYTHON = process.env['TOLLGATE_TEST_PYTHON'] ?? 'python3'
const hasPython = spawnSync(PYTHON, ['-c', 'import openai']).status === 0
const OUTPUT = 10_000n
const USAGE = { prompt_tokens: 10, completion_tokens: 3, total_tokens: 13 }

jest.setTimeout(300_000)

let folder: string
let server: TestServer
let provider: Server
let gateway: Gateway
/** What the provider was sent last. */
let asked: Record<string, unknown> = {}
/** What it answers with, in place of an answer. */
let fails: { status: number; body: string; headers?: Record<string, string> } | undefined

beforeAll(async () => {
  linkNodeClient()
  folder = mkdtempSync(join(tmpdir(), 'openai-test-'))
  writeFileSync(join(folder, 'package.json'), '{"private": true, "type": "module"}')
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', 'openai@6.30.1'], {
    cwd: folder,
  })
  writeFileSync(join(folder, 'call.mjs'), NODE)
  writeFileSync(join(folder, 'call.py'), PY)
  server = await startTestServer()
  await server.billing.prices.putPrice({
    model: 'test-model',
    provider: '',
    rateCards: [cardOf({ INPUT_TOKENS: 1, OUTPUT_TOKENS: 10 })],
  })
  provider = createServer(async (request, response) => {
    let text = ''
    for await (const part of request) text += part
    asked = JSON.parse(text)
    if (fails !== undefined) return response.writeHead(fails.status, fails.headers).end(fails.body)
    const head = { id: 'c', model: 'test-model', created: 1, service_tier: asked['service_tier'] }
    if (!asked['stream']) {
      const choices = [{ index: 0, message: { role: 'assistant', content: 'a b c' }, finish_reason: 'stop' }]
      response.writeHead(200, { 'content-type': 'application/json' })
      return response.end(JSON.stringify({ ...head, object: 'chat.completion', choices, usage: USAGE }))
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const send = (more: object) =>
      response.write(
        `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', usage: null, ...more })}\n\n`,
      )
    for (const word of ['a ', 'b ', 'c']) send({ choices: [{ index: 0, delta: { content: word } }] })
    send({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })
    send({ choices: [], usage: USAGE })
    return response.end('data: [DONE]\n\n')
  })
  await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve))
  gateway = await startGateway({
    TOLLGATE_ADDRESS: server.address,
    OPENAI_BASE_URL: `http://127.0.0.1:${(provider.address() as AddressInfo).port}`,
    UNDELIVERED_DIR: join(folder, 'undelivered'),
  })
  for (const userId of ['user-0', 'user-1']) await givenUser(server.database, userId)
  await server.billing.ledger.post(aGrant('user-0', 'order', 1_000_000_000n))
})

afterAll(async () => {
  gateway?.process.kill('SIGKILL')
  provider?.close()
  await server?.stop()
  rmSync(folder, { recursive: true, force: true })
})

afterEach(() => {
  fails = undefined
})

// Both do the same: a call, and what came of it as one line of JSON.
const NODE = `
import OpenAI from 'openai'
const [baseURL, apiKey, body] = process.argv.slice(2)
const client = new OpenAI({ baseURL, apiKey, maxRetries: 0 })
const request = { model: 'test-model', messages: [{ role: 'user', content: 'hi' }], ...JSON.parse(body) }
const result = { text: '', usages: 0 }
try {
  const answer = await client.chat.completions.create(request)
  if (request.stream) {
    for await (const chunk of answer) {
      result.text += chunk.choices[0]?.delta.content ?? ''
      if (chunk.usage) result.usages++
      if (chunk.service_tier) result.tier = chunk.service_tier
    }
  } else {
    Object.assign(result, { text: answer.choices[0].message.content, usages: answer.usage ? 1 : 0 })
    if (answer.service_tier) result.tier = answer.service_tier
  }
} catch (error) {
  Object.assign(result, { name: error.constructor.name, status: error.status, code: error.code ?? null, message: error.message })
}
console.log(JSON.stringify(result))
`
const PY = `
import json, sys
import openai
base_url, api_key, body = sys.argv[1:]
client = openai.OpenAI(base_url=base_url, api_key=api_key, max_retries=0)
request = {"model": "test-model", "messages": [{"role": "user", "content": "hi"}], **json.loads(body)}
result = {"text": "", "usages": 0}
try:
    answer = client.chat.completions.create(**request)
    if request.get("stream"):
        for chunk in answer:
            result["text"] += (chunk.choices[0].delta.content or "") if chunk.choices else ""
            result["usages"] += 1 if chunk.usage else 0
            if chunk.service_tier:
                result["tier"] = chunk.service_tier
    else:
        result.update(text=answer.choices[0].message.content, usages=1 if answer.usage else 0)
        if answer.service_tier:
            result["tier"] = answer.service_tier
except openai.APIStatusError as error:
    result.update(name=type(error).__name__, status=error.status_code, code=error.code, message=error.message)
print(json.dumps(result))
`

const chargesOf = async (userId: string) =>
  (await entriesOf(server.database, userId)).flatMap(({ charge }) => charge?.amountNanousd ?? [])
const COST = 10n * 1_000n + 3n * OUTPUT

describe.each([
  ['node', true],
  ['python', hasPython],
])('the openai package for %s', (language, isThere) => {
  const it = isThere ? test : test.skip
  const call = async (body: object, user = 'user-0') => {
    const [program, script] = language === 'node' ? [process.execPath, 'call.mjs'] : [PYTHON, 'call.py']
    const args = [join(folder, script), gateway.url, `sk-${user}`, JSON.stringify(body)]
    const { stdout } = await run(program, args, { cwd: folder })
    return JSON.parse(stdout)
  }

  it.each([
    ['a call', {}, 1],
    ['a stream', { stream: true }, 0],
    ['a stream with its usage', { stream: true, stream_options: { include_usage: true } }, 1],
  ])(
    '%s is answered, charged once, and has its usage only where it was asked for',
    async (_name, body, usages) => {
      const before = await chargesOf('user-0')
      expect(await call(body)).toMatchObject({ text: 'a b c', usages })
      expect(await chargesOf('user-0')).toEqual([...before, COST])
    },
  )

  it('what it says reaches the provider, and what the provider says reaches it', async () => {
    const { tier } = await call({ max_completion_tokens: 77, service_tier: 'default', seed: 5 })
    expect(tier).toBe('default')
    expect(asked).toMatchObject({ max_completion_tokens: 77, service_tier: 'default', seed: 5 })
    expect(asked).not.toHaveProperty('max_tokens')
    await call({ max_tokens: 66 })
    expect(asked).toMatchObject({ max_tokens: 66 })
    expect(asked).not.toHaveProperty('max_completion_tokens')
  })

  it.each([
    ['a bad request', 400, 'BadRequestError'],
    ['a rate limit', 429, 'RateLimitError'],
    ['a failure', 503, 'InternalServerError'],
  ])("%s of the provider's keeps its status and words, and costs nothing", async (_name, status, name) => {
    fails = { status, body: JSON.stringify({ error: { message: 'said the provider', code: 'its_code' } }) }
    for (const stream of [false, true]) {
      expect(await call({ stream })).toMatchObject({ status, name, code: 'its_code' })
    }
    expect((await chargesOf('user-0')).slice(-2)).toEqual([0n, 0n])
  })

  it("a provider that refuses the gateway's own key is no error of the caller's key", async () => {
    fails = {
      status: 401,
      body: JSON.stringify({ error: { message: 'Incorrect API key provided: sk-secret' } }),
    }
    const said = await call({})
    expect(said).toMatchObject({ status: 502 })
    expect(said.message).not.toContain('sk-secret')
  })

  it.each([
    ['without credits', {}, 'user-1', 402, 'insufficient_credits'],
    ['with an unknown key', {}, 'nobody', 401, 'invalid_api_key'],
    ['of a model without a price', { model: 'nobody-prices-this' }, 'user-0', 404, 'model_price_missing'],
  ])('a call %s is refused as OpenAI would', async (_name, body, user, status, code) => {
    expect(await call(body, user)).toMatchObject({ status, code })
  })

  it('no error has an address from inside', async () => {
    const own = await startGateway({ TOLLGATE_ADDRESS: '127.0.0.1:1', OPENAI_BASE_URL: 'http://127.0.0.1:2' })
    try {
      const answer = await fetch(`${own.url}/chat/completions`, {
        method: 'POST',
        headers: { authorization: 'Bearer sk-user-0' },
        body: '{"model":"test-model","messages":[]}',
      })
      expect(answer.status).toBe(503)
      expect(await answer.text()).not.toMatch(/127\.0\.0\.1|ECONNREFUSED/)
    } finally {
      own.process.kill('SIGKILL')
    }
  })
})

test('the books are sound after all of them', async () => {
  expect(await whatIsWrong(server.database, 'user-0')).toEqual([])
})
