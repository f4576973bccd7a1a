import type { ConnectCommand, Step, StreamFormat } from '../protocol'

/** Bounds that let an outage be short. */
const BOUNDS: Omit<ConnectCommand, 'do'> = {
  timeoutMs: 8_000,
  attemptTimeoutMs: 3_000,
  retriesMax: 3,
  waitMs: 8_000,
}

/** Where a server is killed: nobody needs to wait for it as long as for one that is slow. */
export const SHORT_WAIT = { waitMs: 3_000 }

/** Connects, with a store. */
export function connected(overrides: Omit<ConnectCommand, 'do'> = {}): Step {
  return { ask: { do: 'connect', store: 'STORE', ...BOUNDS, ...overrides }, answers: {} }
}

/** One word, four bytes: one token, however it is counted. */
export const WORD = { choices: [{ index: 0, delta: { content: 'abc ' } }] }

export function usageChunk(inputTokens: number, outputTokens: number): object {
  return {
    choices: [],
    usage: {
      prompt_tokens: inputTokens,
      completion_tokens: outputTokens,
      total_tokens: inputTokens + outputTokens,
    },
  }
}

/** A generation with a prompt of 1,000 tokens, under the name and key `s1`. */
export function streaming({
  maxOutputTokens,
  format = 'openai.chat',
}: {
  maxOutputTokens?: number
  format?: StreamFormat
} = {}): Step {
  const open = {
    idempotencyKey: 's1',
    inputTokens: 1_000,
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
  }
  return { ask: { do: 'stream', stream: 's1', open, format }, later: 's1' }
}

/** The provider gives so many words; `delivered` is how many the end user has then, in all. */
export function words(count: number, delivered?: number): Step {
  return {
    ask: { do: 'chunks', stream: 's1', chunk: WORD, count },
    ...(delivered !== undefined && { answers: { delivered } }),
  }
}

export function providerSays(chunk: object): Step {
  return { ask: { do: 'chunks', stream: 's1', chunk, count: 1 } }
}

export const PROVIDER_ENDS: Step = { ask: { do: 'end', stream: 's1' } }
