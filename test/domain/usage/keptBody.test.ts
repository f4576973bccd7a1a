import { KEPT_CHARACTERS_MAX } from '../../../src/domain/usage/keptBody'
import {
  type ProviderReport,
  readProviderUsage,
  UnreadableUsage,
} from '../../../src/domain/usage/readProviderUsage'
import { reportedByTheField } from './fieldBodies'
import { nonsense, providerBodies } from './providerBodies'
import { recordedBodies } from './recordedBodies'

const SECRET = 'a secret prompt of "sk-live-123"'

/** Bodies that contradict themselves, so that they are kept, and what is kept of them. */
function keptOf(format: string, json: unknown): { error: UnreadableUsage; kept: unknown } {
  try {
    readIn(format, json)
  } catch (error) {
    if (!(error instanceof UnreadableUsage)) throw error
    return { error, kept: error.body.json === '' ? undefined : JSON.parse(error.body.json) }
  }
  throw new Error('the body could be read')
}

function readIn(format: string, json: unknown): ProviderReport {
  return readProviderUsage(
    { format, json: typeof json === 'string' ? json : JSON.stringify(json) },
    { model: '', fieldPrefix: 'provider_usage' },
  )
}

const IMPOSSIBLE = {
  prompt_tokens: 1,
  completion_tokens: 1,
  completion_tokens_details: { reasoning_tokens: 9 },
}

test('counts and how the call was served are kept, texts are not', () => {
  const { error, kept } = keptOf('openai.chat', [
    { model: 'gpt-5', choices: [{ delta: { content: SECRET }, logprobs: [1, 2] }] },
    { model: 'gpt-5', choices: [{ delta: { content: SECRET } }] },
    {
      id: 'chatcmpl-1',
      model: 'gpt-5',
      service_tier: 'flex',
      system_fingerprint: SECRET,
      choices: [],
      metadata: { [SECRET]: SECRET },
      usage: { ...IMPOSSIBLE, note: SECRET, [SECRET]: 7, ['\0']: 1 },
    },
  ])
  expect(error).toMatchObject({
    reason: 'IMPOSSIBLE_USAGE',
    field: 'provider_usage.reasoning_output_tokens',
    served: { model: 'gpt-5', serviceTier: 'flex' },
  })
  expect(kept).toEqual([
    { model: 'gpt-5', choices: [{ delta: {} }] },
    {
      id: 'chatcmpl-1',
      model: 'gpt-5',
      service_tier: 'flex',
      choices: [],
      metadata: {},
      usage: IMPOSSIBLE,
    },
  ])
})

test.each(nonsense.filter(({ json }) => typeof json !== 'string'))(
  '$format with $title is refused again from what is kept',
  ({ format, json, field }) => {
    try {
      readIn(format, json)
    } catch (error) {
      if (!(error instanceof UnreadableUsage)) return
      expect(() => readProviderUsage(error.body, { model: '', fieldPrefix: 'provider_usage' })).toThrow(
        expect.objectContaining({ field, body: error.body }),
      )
    }
  },
)

test('neither what a transcript says nor an image is kept', () => {
  const transcript = {
    duration: 8.47,
    text: 'secret',
    segments: [{ tokens: [501, 502] }],
    words: [{ start: 1 }],
  }
  const images = { quality: 'hd', size: '1x1', data: [{ b64_json: 'c2VjcmV0', revised_prompt: 'secret' }] }
  const { error } = keptOf('openai.responses', [transcript, images, ...BROKEN])
  expect(JSON.parse(error.body.json).slice(0, 2)).toEqual([
    { duration: 8.47 },
    { quality: 'hd', size: '1x1', data: [{ b64_json: '' }] },
  ])
})

/** What is kept of a body depends on its names alone, so breaking it shows what is kept of a good one. */
test.each([...recordedBodies, ...reportedByTheField, ...providerBodies])(
  '$format, $title: what would be kept says the same',
  ({ format, json }) => {
    const bodies = [json].flat() as object[]
    const { error } = keptOf(format, [...bodies, ...BROKEN])
    const kept = JSON.parse(error.body.json).slice(0, -BROKEN.length)
    expect(readIn(format, kept)).toEqual(readIn(format, bodies))
  },
)

/** One for each format. */
const BROKEN = [
  { usage: { prompt_tokens: -1, input_tokens: -1, inputTokens: -1 } },
  { type: 'response.done', response: { usage: { input_tokens: -1 } } },
  { usageMetadata: { promptTokenCount: -1 } },
  { meta: { billed_units: { input_tokens: -1 } } },
]

test('queries are kept as numbers', () => {
  const grounded = (...webSearchQueries: string[]) => ({
    candidates: [{ groundingMetadata: { webSearchQueries } }],
  })
  const broken = { usageMetadata: { promptTokenCount: -1 } }
  const { kept } = keptOf('gemini', [grounded(SECRET, '', 'b'), grounded('b', 'c'), broken])
  expect(kept).toEqual([grounded('1', '', '2'), grounded('2', '3'), broken])
})

test('a body that is too large is not kept, and neither depth nor length breaks the reading', () => {
  const many = Array.from({ length: 2_000 }, (_, n) => ({ usage: { ...IMPOSSIBLE, n } }))
  expect(keptOf('openai.chat', many).error.body).toEqual({ format: 'openai.chat', json: '' })
  const deep = `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`
  const { error } = keptOf('openai.chat', `{ "usage": { "prompt_tokens": -1, "deep": ${deep} } }`)
  expect(error.body.json.length).toBeLessThan(KEPT_CHARACTERS_MAX)
  const read = readIn('openai.chat', `{ "usage": { "prompt_tokens": 1, "deep": ${deep} } }`)
  expect(read.unreadFields).toEqual([])
})
