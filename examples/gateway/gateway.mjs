// An OpenAI-compatible gateway that sells model calls against prepaid credits.
// README.md beside it says how to try it.
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { openTollgate, TollgateError } from '@tollgate/client'
import { fail, readJson, serverSentEvents, statusOf } from './http.mjs'
import { connectUpstream } from './upstream.mjs'

const PROVIDER = 'openai'
// Where the caller names no limit: no call is without one.
const OUTPUT_TOKENS_MAX = 4096
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
  if (request.method !== 'POST' || request.url !== '/v1/chat/completions')
    return fail(response, 404, 'not found')
  const apiKey = request.headers.authorization?.replace(/^Bearer /, '')
  const userId = userOfKey.get(apiKey)
  if (userId === undefined) return fail(response, 401, 'unknown API key')
  const body = await readJson(request)
  const call = {
    // Ours, never the caller's: a key used twice is a second call for free.
    idempotencyKey: randomUUID(),
    userId,
    model: body.model,
    provider: PROVIDER,
    apiKeyId: apiKey.slice(-4),
  }
  await (body.stream ? stream : complete)(call, body, response)
}

/** Held before the provider is called, charged by what it counted, whether or not the caller waits for the answer. */
async function complete(call, body, response) {
  const { answer, charge } = await tollgate.hold({
    open: { ...call, inputTokens: tokensOf(body.messages), maxOutputTokens: outputTokensMaxOf(body) },
    format: 'openai.chat',
    call: async ({ signal }) => {
      const completion = await upstream.call({ ...body, max_tokens: outputTokensMaxOf(body) }, signal)
      return await completion.json()
    },
  })
  const headers = { 'content-type': 'application/json', 'x-cost-nanousd': charge?.amountNanousd ?? 'unknown' }
  response.writeHead(200, headers).end(JSON.stringify(answer))
}

/** Held before, metered while it runs, settled however it ends. */
async function stream(call, body, response) {
  const left = new AbortController()
  response.once('close', () => left.abort())
  const metered = tollgate.meterStream({
    open: { ...call, inputTokens: tokensOf(body.messages), maxOutputTokens: outputTokensMaxOf(body) },
    format: 'openai.chat',
    start: async ({ signal }) => {
      const usage = { stream_options: { include_usage: true } }
      const answer = await upstream.call({ ...body, max_tokens: outputTokensMaxOf(body), ...usage }, signal)
      return serverSentEvents(answer.body)
    },
    signal: left.signal,
  })
  for await (const chunk of metered) {
    if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(`data: ${JSON.stringify(chunk)}\n\n`)
  }
  const { charge, stoppedBy } = await metered.ended
  if (stoppedBy)
    response.write(`data: ${JSON.stringify({ error: { message: `stopped: ${stoppedBy}` } })}\n\n`)
  response.end('data: [DONE]\n\n')
  console.log(`${call.userId} ${call.model} ${charge?.amountNanousd ?? '?'} nano-dollars`)
}

// Four bytes a token: an estimate that only has to be good enough to hold credits for. What is charged is the provider's count.
const tokensOf = (messages) => Math.ceil(JSON.stringify(messages).length / 4)
const outputTokensMaxOf = (body) => body.max_completion_tokens ?? body.max_tokens ?? OUTPUT_TOKENS_MAX

const server = createServer((request, response) => {
  handle(request, response).catch((error) => {
    if (!(error instanceof TollgateError)) console.error(error.message)
    fail(response, statusOf(error), error instanceof TollgateError ? error.message : 'the call failed')
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
