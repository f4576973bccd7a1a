// An OpenAI-compatible gateway that sells model calls against prepaid credits.
// README.md beside it says how to try it.
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { openTollgate } from '@tollgate/client'
import { errorFor } from './errors.mjs'
import { fail, readJson, sendEvent, serverSentEvents } from './http.mjs'
import { connectUpstream } from './upstream.mjs'

const PROVIDER = 'openai'
// For callers that name no limit: what is held has one.
const OUTPUT_TOKENS_MAX = 4096
// An estimate that only has to be good enough to hold credits for. What is charged is the provider's count.
const BYTES_PER_TOKEN = 4
// Those that have a price of their own.
const TIERS = new Set(['flex', 'priority'])
const UNKNOWN_KEY = {
  status: 401,
  error: { message: 'unknown API key', type: 'invalid_request_error', code: 'invalid_api_key' },
}
const {
  PORT = '8080',
  TOLLGATE_ADDRESS = '127.0.0.1:50051',
  TOLLGATE_TOKEN,
  UNDELIVERED_DIR = '.tollgate/undelivered',
  // A real gateway has them in its database.
  API_KEYS = '{"sk-ada": "ada", "sk-bob": "bob"}',
} = process.env
const userOfKey = new Map(Object.entries(JSON.parse(API_KEYS)))

const tollgate = await openTollgate({
  address: TOLLGATE_ADDRESS,
  ...(TOLLGATE_TOKEN && { token: TOLLGATE_TOKEN }),
  store: UNDELIVERED_DIR,
  onProblem: (problem) => console.error(problem.message),
})
const upstream = await connectUpstream()

async function handle(request, response) {
  if (request.method !== 'POST' || request.url !== '/v1/chat/completions') {
    return fail(response, { status: 404, error: { message: 'not found', type: 'invalid_request_error' } })
  }
  const apiKey = request.headers.authorization?.replace(/^Bearer /, '')
  const userId = userOfKey.get(apiKey)
  if (userId === undefined) return fail(response, UNKNOWN_KEY)
  const body = await readJson(request)
  const limit = body.max_completion_tokens ?? body.max_tokens
  const open = {
    // The gateway's own, never the caller's: a key that is used twice is a second call for free.
    idempotencyKey: randomUUID(),
    userId,
    model: body.model,
    provider: PROVIDER,
    apiKeyId: apiKey.slice(-4),
    inputTokens: Math.ceil(JSON.stringify(body.messages).length / BYTES_PER_TOKEN),
    maxOutputTokens: limit ?? OUTPUT_TOKENS_MAX,
    ...(TIERS.has(body.service_tier) && { serviceTier: body.service_tier }),
  }
  // Everything that the caller said is passed on, and a limit is added where there is none.
  const call = { ...body, ...(limit === undefined && { max_completion_tokens: OUTPUT_TOKENS_MAX }) }
  await (body.stream ? stream : complete)(open, call, response)
}

/** Held before the provider is called, charged by what it counted, whether or not the caller waits for the answer. */
async function complete(open, body, response) {
  const { answer, charge } = await tollgate.hold({
    open,
    format: 'openai.chat',
    call: async ({ signal }) => await (await upstream.call(body, signal)).json(),
  })
  const headers = { 'content-type': 'application/json', 'x-cost-nanousd': charge?.amountNanousd ?? 'unknown' }
  response.writeHead(200, headers).end(JSON.stringify(answer))
}

/** Held before, metered while it runs, settled however it ends. */
async function stream(open, body, response) {
  const left = new AbortController()
  response.once('close', () => left.abort())
  const metered = tollgate.meterStream({
    open,
    format: 'openai.chat',
    start: async ({ signal }) => {
      const withUsage = { ...body, stream_options: { ...body.stream_options, include_usage: true } }
      return serverSentEvents((await upstream.call(withUsage, signal)).body)
    },
    signal: left.signal,
  })
  for await (const chunk of metered) {
    // The usage is the gateway's, unless the caller asked for it as well.
    const { usage, ...rest } = chunk
    if (body.stream_options?.include_usage) sendEvent(response, chunk)
    else if (rest.choices?.length > 0 || !usage) sendEvent(response, rest)
  }
  const { charge, stoppedBy } = await metered.ended
  console.log(`${open.userId} ${open.model} ${charge?.amountNanousd ?? '?'} nano-dollars`)
  if (stoppedBy) return fail(response, stopped(stoppedBy))
  response.end('data: [DONE]\n\n')
}

function stopped(reason) {
  const isBroke = reason === 'FINAL_REASON_CREDITS'
  const message = isBroke ? 'the credits are used up' : `stopped: ${reason}`
  return {
    status: 402,
    error: { message, type: isBroke ? 'insufficient_quota' : 'server_error', code: reason.toLowerCase() },
  }
}

const server = createServer((request, response) => {
  handle(request, response).catch((error) => {
    console.error(error.message)
    fail(response, errorFor(error))
  })
})
server.listen(Number(PORT), '127.0.0.1', () => {
  console.log(`gateway ready http://127.0.0.1:${server.address().port}/v1 upstream=${upstream.baseUrl}`)
})
process.once('SIGTERM', async () => {
  server.close()
  const { undelivered } = await tollgate.shutdown()
  if (undelivered > 0) console.log(`${undelivered} charges wait in ${UNDELIVERED_DIR}`)
  process.exit(0)
})
