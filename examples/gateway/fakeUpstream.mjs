// Speaks enough of OpenAI's chat completions to try the gateway without a provider. A word is a token.
import { createServer } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import { readJson } from './http.mjs'

const WORDS = 'the quick brown fox jumps over the lazy dog and then it all begins once more'.split(' ')
const WORDS_MAX = 200
const PAUSE_MS = 5

/** Resolves to its base URL, on a free port of loopback. */
export async function startFakeUpstream() {
  const server = createServer((request, response) => void answer(request, response))
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  // It must not keep the gateway's process running.
  server.unref()
  return `http://127.0.0.1:${server.address().port}/v1`
}

async function answer(request, response) {
  const body = await readJson(request)
  const { model, messages, stream, service_tier } = body
  const wordsAsked = body.max_completion_tokens ?? body.max_tokens ?? WORDS_MAX
  const words = Array.from({ length: Math.min(wordsAsked, WORDS_MAX) }, (_, at) => WORDS[at % WORDS.length])
  const usage = usageOf(messages, words.length)
  const head = { id: 'chatcmpl-fake', model, created: Math.floor(Date.now() / 1_000), service_tier }
  if (!stream) {
    const message = { role: 'assistant', content: words.join(' ') }
    const choices = [{ index: 0, message, finish_reason: 'length' }]
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ ...head, object: 'chat.completion', choices, usage }))
    return
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const send = (more) =>
    response.write(`data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', ...more })}\n\n`)
  for (const word of words) {
    if (response.destroyed) return
    send({ choices: [{ index: 0, delta: { content: `${word} ` }, finish_reason: null }] })
    await setTimeout(PAUSE_MS)
  }
  send({ choices: [{ index: 0, delta: {}, finish_reason: 'length' }] })
  if (body.stream_options?.include_usage) send({ choices: [], usage })
  response.end('data: [DONE]\n\n')
}

function usageOf(messages, outputTokens) {
  const inputTokens = Math.ceil(JSON.stringify(messages).length / 4)
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
  }
}
