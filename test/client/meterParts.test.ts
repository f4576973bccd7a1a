import { CHUNK_READERS, type ChunkFacts, type MeteredFormat } from '../../clients/node/src/meter/chunkReaders'
import {
  emptyTally,
  measuredOf,
  outputTokensOf,
  type Tally,
  tallyWith,
} from '../../clients/node/src/meter/tally'

// Shapes of the providers' streaming references, which chunkReaders.ts links.

describe('what a chunk says', () => {
  const cases: [name: string, format: MeteredFormat, chunk: unknown, facts: ChunkFacts][] = [
    ['text', 'openai.chat', { choices: [{ delta: { content: 'Hi' } }], usage: null }, { text: 'Hi' }],
    [
      "a tool call's arguments, and reasoning",
      'openai.chat',
      {
        choices: [{ delta: { reasoning_content: 'hm ', tool_calls: [{ function: { arguments: '{"a"' } }] } }],
      },
      { text: 'hm {"a"' },
    ],
    [
      'the usage in the last chunk',
      'openai.chat',
      { choices: [], usage: { prompt_tokens: 9, completion_tokens: 4 } },
      { text: '', usage: { prompt_tokens: 9, completion_tokens: 4 }, outputTokens: 4, inputTokens: 9 },
    ],
    ['text', 'openai.responses', { type: 'response.output_text.delta', delta: 'Hi' }, { text: 'Hi' }],
    [
      'the whole text again',
      'openai.responses',
      { type: 'response.output_text.done', text: 'Hi' },
      { text: '' },
    ],
    [
      'the usage at the end',
      'openai.responses',
      { type: 'response.completed', response: { usage: { input_tokens: 9, output_tokens: 4 } } },
      { text: '', usage: { input_tokens: 9, output_tokens: 4 }, outputTokens: 4, inputTokens: 9 },
    ],
    [
      'the prompt, with its cached parts',
      'anthropic.messages',
      {
        type: 'message_start',
        message: {
          usage: {
            input_tokens: 5,
            cache_read_input_tokens: 20,
            cache_creation_input_tokens: 3,
            output_tokens: 1,
          },
        },
      },
      {
        text: '',
        usage: {
          input_tokens: 5,
          cache_read_input_tokens: 20,
          cache_creation_input_tokens: 3,
          output_tokens: 1,
        },
        outputTokens: 1,
        inputTokens: 28,
      },
    ],
    [
      'text',
      'anthropic.messages',
      { type: 'content_block_delta', delta: { type: 'text_delta', text: 'Hi' } },
      { text: 'Hi' },
    ],
    [
      'the output at the end',
      'anthropic.messages',
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 15 } },
      { text: '', usage: { output_tokens: 15 }, outputTokens: 15 },
    ],
    [
      'text and usage, thoughts beside the candidates',
      'gemini',
      {
        candidates: [{ content: { parts: [{ text: 'Hi' }] } }],
        usageMetadata: { promptTokenCount: 4, candidatesTokenCount: 2, thoughtsTokenCount: 7 },
      },
      {
        text: 'Hi',
        usage: { promptTokenCount: 4, candidatesTokenCount: 2, thoughtsTokenCount: 7 },
        outputTokens: 9,
        inputTokens: 4,
      },
    ],
    ['nothing that anybody knows', 'gemini', 'data: [DONE]', { text: '' }],
  ]
  it.each(cases)('%s (%s)', (_, format, chunk, facts) => {
    expect(CHUNK_READERS[format](chunk)).toEqual(facts)
  })
})

const tallied = (...chunks: ChunkFacts[]): Tally =>
  chunks.reduce((tally, chunk) => tallyWith(tally, chunk), emptyTally(100))

describe('how many tokens were delivered', () => {
  it.each([
    ['a chunk is one at least', [{ text: 'a' }, { text: 'b' }], 2],
    ['four bytes are one', [{ text: 'abcdefgh' }, { text: 'i' }], 3],
    ['letters of other scripts have more bytes', [{ text: '語語語語' }], 3],
    [
      "the provider's count stands for what came before it",
      [{ text: 'abcdefgh', outputTokens: 7 }, { text: 'i' }],
      8,
    ],
    ['nothing', [{ text: '' }], 0],
    [
      "a later zero does not replace the provider's count",
      [
        { text: 'ab', outputTokens: 7 },
        { text: '', usage: {}, outputTokens: 0 },
      ],
      7,
    ],
    ['a word is one at least, across chunks', [{ text: 'a b c' }, { text: 'c d' }], 4],
    [
      'a count of zero in every chunk counts nothing',
      [
        { text: 'a ', outputTokens: 0 },
        { text: 'b', outputTokens: 0 },
      ],
      2,
    ],
    ['words that the provider did not count', [{ text: 'a b c d' }, { text: '', outputTokens: 1 }], 4],
    [
      'a count a tenth below the words',
      [{ text: 'a b c d e f g h i j' }, { text: '', outputTokens: 10 }],
      10,
    ],
  ])('%s', (_, chunks, expected) => {
    expect(outputTokensOf(tallied(...chunks))).toBe(expected)
  })

  it('as the tokeniser says, where there is one', () => {
    const tally = tallyWith(emptyTally(0), { text: 'abcdefgh' }, () => 5)
    expect(outputTokensOf(tally, () => 5)).toBe(5)
  })
})

describe('what is settled', () => {
  const usage = { completion_tokens: 7 }
  it("is the provider's usage where it covers everything", () => {
    const tally = tallied({ text: 'abc' }, { text: '', usage, outputTokens: 7, inputTokens: 90 })
    expect(measuredOf(tally, 'openai.chat')).toEqual({
      providerUsage: { format: 'openai.chat', json: '{"completion_tokens":7}' },
      usageSource: 'USAGE_SOURCE_PROVIDER',
    })
  })

  it('is an estimate where something came after it, or it never came', () => {
    const tally = tallied({ text: '', usage, outputTokens: 7, inputTokens: 90 }, { text: 'abc' })
    const estimate = { usage: { inputTokens: 90, outputTokens: 8 }, usageSource: 'USAGE_SOURCE_ESTIMATED' }
    expect(measuredOf(tally, 'openai.chat')).toEqual(estimate)
    expect(measuredOf(tallied({ text: 'abc' }), 'gemini')).toMatchObject({
      usage: { inputTokens: 100, outputTokens: 1 },
    })
  })

  it('is the last usage that counted something, and an estimate where it counts less than was delivered', () => {
    const usage = { completion_tokens: 7 }
    const zero = { completion_tokens: 0 }
    const ended = tallied(
      { text: 'abc' },
      { text: '', usage, outputTokens: 7 },
      { text: '', usage: zero, outputTokens: 0 },
    )
    expect(measuredOf(ended, 'openai.chat')).toMatchObject({ providerUsage: { json: JSON.stringify(usage) } })
    const lying = tallied(
      { text: 'one two three four' },
      { text: '', usage: zero, outputTokens: 1, inputTokens: 90 },
    )
    expect(measuredOf(lying, 'openai.chat')).toEqual({
      usage: { inputTokens: 90, outputTokens: 5 },
      usageSource: 'USAGE_SOURCE_ESTIMATED',
    })
  })

  it('names what served it as the provider does, without its texts', () => {
    const read = (format: MeteredFormat, ...chunks: object[]) => {
      const tally = tallied(...chunks.map((chunk) => CHUNK_READERS[format](chunk)))
      const measured = measuredOf(tally, format)
      return 'providerUsage' in measured ? JSON.parse(measured.providerUsage.json ?? '') : measured
    }
    const text = { choices: [{ delta: { content: 'abc ' } }], model: 'm', service_tier: 'flex' }
    expect(read('openai.chat', text, { model: '', usage: { completion_tokens: 2 } })).toEqual({
      model: 'm',
      service_tier: 'flex',
      usage: { completion_tokens: 2 },
    })
    expect(read('openai.chat', text)).toEqual({
      model: 'm',
      service_tier: 'flex',
      usage: { prompt_tokens: 100, completion_tokens: 1 },
    })
    expect(read('openai.chat', { x_groq: { usage } })).toEqual(usage)
    expect(read('openai.chat', { choices: [{ delta: {}, usage }] })).toEqual(usage)
    const start = { type: 'message_start', message: { model: 'm', usage: { output_tokens: 1 } } }
    expect(read('anthropic.messages', start, { usage: { output_tokens: 2 } })).toEqual([
      { model: 'm', usage: { output_tokens: 1 } },
      { output_tokens: 2 },
    ])
    const usageMetadata = { candidatesTokenCount: 1, trafficType: 'ON_DEMAND' }
    expect(read('gemini', { modelVersion: 'm', usageMetadata })).toEqual({
      modelVersion: 'm',
      usageMetadata,
    })
    const grounded = (webSearchQueries: string[]) => ({
      candidates: [{ groundingMetadata: { webSearchQueries } }],
    })
    const searched = grounded(['secret', '', 'secret', 'two'])
    expect(read('gemini', { ...searched, usageMetadata })).toEqual({
      ...grounded(['1', '2']),
      usageMetadata,
    })
    const output = [
      { type: 'message', content: [{ text: 'secret' }] },
      { type: 'function_call', arguments: 'secret' },
      { type: 'web_search_call', action: { type: 'search', query: 'secret' } },
      { type: 'code_interpreter_call', container_id: 'c', code: 'secret' },
    ]
    const response = { model: 'm', output, usage: { output_tokens: 4 } }
    expect(read('openai.responses', { type: 'response.completed', response })).toEqual({
      model: 'm',
      output: [
        { type: 'web_search_call', action: { type: 'search' } },
        { type: 'code_interpreter_call', container_id: 'c' },
      ],
      usage: { output_tokens: 4 },
    })
  })

  it("keeps the cache's part of an Anthropic prompt whose end never came", () => {
    const start = { input_tokens: 5, cache_read_input_tokens: 20, output_tokens: 1 }
    const tally = tallied({ text: '', usage: start, outputTokens: 1, inputTokens: 25 }, { text: 'abcdefgh' })
    expect(measuredOf(tally, 'anthropic.messages')).toEqual({
      providerUsage: { format: 'anthropic.messages', json: JSON.stringify([start, { output_tokens: 3 }]) },
      usageSource: 'USAGE_SOURCE_ESTIMATED',
    })
  })
})
