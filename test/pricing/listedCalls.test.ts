import { NO_CONDITIONS } from '../../src/domain/rating/rateCards'
import { rate } from '../../src/domain/rating/rating'
import { readProviderUsage } from '../../src/domain/usage/readProviderUsage'
import { readPriceList } from '../../src/pricing/feeds/readPriceList'

// From a line of a public price list (LiteLLM's of 2026-07-24, OpenRouter's of 2026-08-01) and a provider's answer to the
// nano-USD, each worked out by hand: units × nano-USD a token.
const sonnet4 = {
  litellm_provider: 'anthropic',
  mode: 'chat',
  input_cost_per_token: 3e-6,
  input_cost_per_token_above_200k_tokens: 6e-6,
  output_cost_per_token: 1.5e-5,
  output_cost_per_token_above_200k_tokens: 2.25e-5,
  cache_read_input_token_cost: 3e-7,
  cache_read_input_token_cost_above_200k_tokens: 6e-7,
  cache_creation_input_token_cost: 3.75e-6,
  cache_creation_input_token_cost_above_200k_tokens: 7.5e-6,
  cache_creation_input_token_cost_above_1hr: 6e-6,
}
const gpt54 = {
  litellm_provider: 'openai',
  mode: 'chat',
  cache_read_input_token_cost: 2.5e-7,
  cache_read_input_token_cost_above_272k_tokens: 5e-7,
  cache_read_input_token_cost_flex: 1.3e-7,
  cache_read_input_token_cost_priority: 5e-7,
  input_cost_per_token: 2.5e-6,
  input_cost_per_token_above_272k_tokens: 5e-6,
  input_cost_per_token_flex: 1.25e-6,
  input_cost_per_token_batches: 1.25e-6,
  input_cost_per_token_priority: 5e-6,
  output_cost_per_token: 1.5e-5,
  output_cost_per_token_above_272k_tokens: 2.25e-5,
  output_cost_per_token_flex: 7.5e-6,
  output_cost_per_token_batches: 7.5e-6,
  output_cost_per_token_priority: 3e-5,
}
const flash25 = {
  litellm_provider: 'gemini',
  mode: 'chat',
  cache_read_input_token_cost: 3e-8,
  input_cost_per_audio_token: 1e-6,
  input_cost_per_token: 3e-7,
  output_cost_per_reasoning_token: 2.5e-6,
  output_cost_per_token: 2.5e-6,
}
const grok4 = {
  litellm_provider: 'xai',
  mode: 'chat',
  input_cost_per_token: 3e-6,
  input_cost_per_token_above_128k_tokens: 6e-6,
  output_cost_per_token: 1.5e-5,
  output_cost_per_token_above_128k_tokens: 3e-5,
}
const luna = {
  prompt: '0.0000001',
  completion: '0.0000006000000000000001',
  web_search: '0.005',
  input_cache_read: '0.00000001',
  input_cache_write: '0.00000012500000000000002',
  overrides: [
    {
      min_prompt_tokens: 272_000,
      prompt: '0.0000002',
      completion: '0.00000090000000000000005',
      input_cache_read: '0.00000002',
      input_cache_write: '0.00000025000000000000005',
    },
  ],
}

const ofSonnet = (fiveMinutes: number, oneHour: number): object => ({
  input_tokens: 1_000,
  cache_read_input_tokens: 150_000,
  cache_creation_input_tokens: fiveMinutes + oneHour,
  cache_creation: { ephemeral_5m_input_tokens: fiveMinutes, ephemeral_1h_input_tokens: oneHour },
  output_tokens: 500,
})
const ofGpt = (input: number, cached: number): object => ({
  input_tokens: input,
  input_tokens_details: { cached_tokens: cached },
  output_tokens: 1_000,
  output_tokens_details: { reasoning_tokens: 600 },
})
const ofGrok = (prompt: number): object => ({
  prompt_tokens: prompt,
  completion_tokens: 10,
  total_tokens: prompt + 100,
  completion_tokens_details: { reasoning_tokens: 90 },
})

interface Call {
  title: string
  list: 'litellm' | 'openrouter'
  entry: object
  format: string
  json: object
  tier?: string
  /** Products, to be added. */
  nanousd: [units: number, nanousd: number][]
}

const calls: Call[] = [
  {
    title: 'caches of five minutes and of an hour, at the size that is just not long',
    ...{ list: 'litellm', entry: sonnet4, format: 'anthropic.messages', json: ofSonnet(9_000, 40_000) },
    nanousd: [
      [1_000, 3_000],
      [150_000, 300],
      [9_000, 3_750],
      [40_000, 6_000],
      [500, 15_000],
    ],
  },
  {
    title: 'the same one token longer: the cached tokens count for the size, and everything is dearer',
    ...{ list: 'litellm', entry: sonnet4, format: 'anthropic.messages', json: ofSonnet(9_001, 40_000) },
    nanousd: [
      [1_000, 6_000],
      [150_000, 600],
      [9_001, 7_500],
      [40_000, 12_000],
      [500, 22_500],
    ],
  },
  {
    title: 'flex, cached',
    ...{ list: 'litellm', entry: gpt54, format: 'openai.responses', json: ofGpt(10_000, 8_000) },
    tier: 'flex',
    nanousd: [
      [2_000, 1_250],
      [8_000, 130],
      [1_000, 7_500],
    ],
  },
  {
    title: 'batch, whose cache the list leaves at the ordinary price',
    ...{ list: 'litellm', entry: gpt54, format: 'openai.responses', json: ofGpt(10_000, 8_000) },
    tier: 'batch',
    nanousd: [
      [2_000, 1_250],
      [8_000, 250],
      [1_000, 7_500],
    ],
  },
  {
    title: 'priority',
    ...{ list: 'litellm', entry: gpt54, format: 'openai.responses', json: ofGpt(10_000, 8_000) },
    tier: 'priority',
    nanousd: [
      [2_000, 5_000],
      [8_000, 500],
      [1_000, 30_000],
    ],
  },
  {
    title: 'priority of a size that the list has no priority for',
    ...{ list: 'litellm', entry: gpt54, format: 'openai.responses', json: ofGpt(300_000, 100_000) },
    tier: 'priority',
    nanousd: [
      [200_000, 5_000],
      [100_000, 500],
      [1_000, 22_500],
    ],
  },
  {
    title: 'audio and text, half of it cached, with thoughts',
    list: 'litellm',
    entry: flash25,
    format: 'gemini',
    json: {
      promptTokenCount: 10_000,
      cachedContentTokenCount: 5_000,
      candidatesTokenCount: 100,
      thoughtsTokenCount: 200,
      totalTokenCount: 10_300,
      promptTokensDetails: [
        { modality: 'TEXT', tokenCount: 4_000 },
        { modality: 'AUDIO', tokenCount: 6_000 },
      ],
      cacheTokensDetails: [
        { modality: 'TEXT', tokenCount: 2_000 },
        { modality: 'AUDIO', tokenCount: 3_000 },
      ],
    },
    nanousd: [
      [2_000, 300],
      [3_000, 1_000],
      [5_000, 30],
      [300, 2_500],
    ],
  },
  {
    title: '128,000 tokens, and reasoning outside of the completion',
    ...{ list: 'litellm', entry: grok4, format: 'xai', json: ofGrok(128_000) },
    nanousd: [
      [128_000, 3_000],
      [100, 15_000],
    ],
  },
  {
    title: '128,001 tokens',
    ...{ list: 'litellm', entry: grok4, format: 'xai', json: ofGrok(128_001) },
    nanousd: [
      [128_001, 6_000],
      [100, 30_000],
    ],
  },
  {
    title: 'noise behind the last digit, a cache read and written, and a search',
    list: 'openrouter',
    entry: luna,
    format: 'openrouter',
    json: {
      prompt_tokens: 10_000,
      completion_tokens: 100,
      prompt_tokens_details: { cached_tokens: 4_000, cache_write_tokens: 2_000 },
      server_tool_use_details: { web_search_requests: 1 },
    },
    nanousd: [
      [4_000, 100],
      [4_000, 10],
      [2_000, 125],
      [100, 600],
      [1, 5_000_000],
    ],
  },
  {
    title: 'the least size of a dearer price',
    list: 'openrouter',
    entry: luna,
    format: 'openrouter',
    json: { prompt_tokens: 272_000, completion_tokens: 100 },
    nanousd: [
      [272_000, 200],
      [100, 900],
    ],
  },
]

test.each(calls)('$format: $title', ({ list, entry, format, json, tier = '', nanousd }) => {
  const text = list === 'litellm' ? { model: entry } : { data: [{ id: 'model', pricing: entry }] }
  const read = readPriceList(list, JSON.stringify(text))
  const rateCards = 'prices' in read ? read.prices[0]?.rateCards : undefined
  const { usage } = readProviderUsage(
    { format, json: JSON.stringify(json) },
    { model: '', fieldPrefix: 'provider_usage' },
  )
  const { costNanousd } = rate(
    { rateCards: rateCards ?? [], markupBasisPoints: 0 },
    { usage, conditions: { ...NO_CONDITIONS, serviceTier: tier }, at: new Date('2026-08-01T12:00:00Z') },
  )
  expect(costNanousd).toBe(BigInt(nanousd.reduce((sum, [units, each]) => sum + units * each, 0)))
})
