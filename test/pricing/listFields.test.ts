import type { Conditions, RateCard } from '../../src/domain/rating/price'
import { NO_CONDITIONS } from '../../src/domain/rating/rateCards'
import { rate } from '../../src/domain/rating/rating'
import { NO_USAGE, type Usage } from '../../src/domain/usage/usage'
import { type PriceListFormat, readPriceList } from '../../src/pricing/feeds/readPriceList'

interface Fact {
  title: string
  format: PriceListFormat
  body: Record<string, unknown>
  /** Of the first price. */
  conditions?: Partial<Conditions>
  usage: Partial<Record<keyof Usage, number>>
  nanousd: number
  source: string
}

const opus = {
  input_cost_per_token: 5e-6,
  output_cost_per_token: 2.5e-5,
  cache_read_input_token_cost: 5e-7,
  cache_creation_input_token_cost: 6.25e-6,
  litellm_provider: 'anthropic',
  mode: 'chat',
  provider_specific_entry: { us: 1.1, fast: 2 },
}
const fastUsage = {
  inputTokens: 2_000,
  cacheReadInputTokens: 1_500,
  cacheCreationInputTokens: 200,
  outputTokens: 500,
}

const facts: Fact[] = [
  {
    title: 'a speed of provider_specific_entry',
    format: 'litellm',
    body: { 'case-opus-4-8-list': opus },
    conditions: { speed: 'fast' },
    usage: fastUsage,
    nanousd: 32_000_000,
    source: 'BerriAI/litellm 38378',
  },
  {
    title: 'a speed and a geography together',
    format: 'litellm',
    body: { 'case-opus-4-8-list': opus },
    conditions: { speed: 'fast', geography: 'us' },
    usage: fastUsage,
    nanousd: 35_200_000,
    source: 'BerriAI/litellm 38369',
  },
  {
    title: 'an uplift of regional processing',
    format: 'litellm',
    body: {
      'gpt-5.5': {
        input_cost_per_token: 5e-6,
        output_cost_per_token: 3e-5,
        regional_processing_uplift_multiplier_eu: 1.1,
        litellm_provider: 'openai',
        mode: 'chat',
      },
    },
    conditions: { geography: 'eu' },
    usage: { inputTokens: 1_000 },
    nanousd: 5_500_000,
    source: 'LiteLLM’s list of 2026-07-24',
  },
  {
    title: 'a write at zero costs what the input does',
    format: 'litellm',
    body: {
      'openai/gpt-4.1': {
        input_cost_per_token: 2e-6,
        output_cost_per_token: 8e-6,
        cache_creation_input_token_cost: 0,
        litellm_provider: 'vercel_ai_gateway',
        mode: 'chat',
      },
    },
    usage: { inputTokens: 1_000, cacheCreationInputTokens: 900, outputTokens: 10 },
    nanousd: 2_080_000,
    source: 'LiteLLM’s list of 2026-07-24, 29 entries alike',
  },
  {
    title: 'Claude’s hour of a list that has only five minutes',
    format: 'litellm',
    body: { 'claude-list': opus },
    usage: { inputTokens: 1_000, cacheCreationInputTokens: 1_000, cacheCreation1hInputTokens: 1_000 },
    nanousd: 10_000_000,
    source: 'platform.claude.com, pricing of prompt caching',
  },
  {
    title: 'token and image rates together',
    format: 'litellm',
    body: {
      'gemini/case-3-pro-image': {
        input_cost_per_image: 0.0011,
        input_cost_per_token: 2e-6,
        output_cost_per_image: 0.134,
        output_cost_per_image_token: 0.00012,
        output_cost_per_token: 1.2e-5,
        litellm_provider: 'gemini',
        mode: 'image_generation',
      },
    },
    usage: { inputTokens: 10, outputTokens: 1_345, imageOutputTokens: 1_120, reasoningOutputTokens: 225 },
    nanousd: 137_120_000,
    source: 'BerriAI/litellm 17410',
  },
  {
    title: 'a dated model has the tier of the undated one',
    format: 'litellm',
    body: {
      'gpt-4o-2024-08-06': {
        input_cost_per_token: 2.5e-6,
        output_cost_per_token: 1e-5,
        input_cost_per_token_batches: 1.25e-6,
        litellm_provider: 'openai',
        mode: 'chat',
      },
      'gpt-4o': {
        input_cost_per_token: 2.5e-6,
        output_cost_per_token: 1e-5,
        input_cost_per_token_priority: 4.25e-6,
        output_cost_per_token_priority: 1.7e-5,
        litellm_provider: 'openai',
        mode: 'chat',
      },
    },
    conditions: { serviceTier: 'priority' },
    usage: { inputTokens: 9, outputTokens: 1 },
    nanousd: 55_250,
    source: 'BerriAI/litellm 37046',
  },
  {
    title: 'Perplexity’s fee is for the request',
    format: 'litellm',
    body: {
      'perplexity/sonar': {
        input_cost_per_token: 1e-6,
        output_cost_per_token: 1e-6,
        search_context_cost_per_query: {
          search_context_size_low: 0.005,
          search_context_size_medium: 0.008,
          search_context_size_high: 0.012,
        },
        litellm_provider: 'perplexity',
        mode: 'chat',
      },
    },
    conditions: { serviceTier: 'search_context_low' },
    usage: { inputTokens: 10, outputTokens: 140, webSearches: 1 },
    nanousd: 5_150_000,
    source: 'vercel/ai 13705',
  },
  {
    title: 'a rerank by the query',
    format: 'litellm',
    body: { 'rerank-v3.5': { input_cost_per_query: 0.002, litellm_provider: 'cohere', mode: 'rerank' } },
    usage: { requests: 3 },
    nanousd: 6_000_000,
    source: 'maximhq/bifrost 4239',
  },
  {
    title: 'a discount of nothing',
    format: 'openrouter',
    body: {
      data: [
        { id: 'm', pricing: { prompt: '0.00003', completion: '0.00006', discount: 0, image_token: '0' } },
      ],
    },
    usage: { inputTokens: 100 },
    nanousd: 3_000_000,
    source: 'openrouter.ai, reference of the list',
  },
  {
    title: 'a discount of a fifth',
    format: 'openrouter',
    body: { data: [{ id: 'm', pricing: { prompt: '0.00003', completion: '0.00006', discount: 0.2 } }] },
    usage: { inputTokens: 100 },
    nanousd: 2_400_000,
    source: 'openrouter.ai, reference of the list',
  },
  {
    title: 'a write to Gemini’s cache is storage on top of the input',
    format: 'openrouter',
    body: {
      data: [
        {
          id: 'google/gemini-3.5-flash',
          pricing: { prompt: '0.0000015', completion: '0.000009', input_cache_write: '0.0000000833' },
        },
      ],
    },
    usage: { inputTokens: 1_000_000, cacheCreationInputTokens: 1_000_000 },
    nanousd: 1_583_300_000,
    source: 'openrouter.ai, prompt caching',
  },
]

test.each(facts)('$title ($source)', ({ format, body, conditions, usage, nanousd }) => {
  const counts = Object.entries(usage).map(([name, count]) => [name, BigInt(count)])
  const { amountNanousd } = rate(
    { rateCards: firstCardsOf(format, body), markupBasisPoints: 0 },
    {
      usage: { ...NO_USAGE, ...Object.fromEntries(counts) },
      conditions: { ...NO_CONDITIONS, ...conditions },
      at: new Date('2026-11-30T12:00:00Z'),
    },
  )
  expect(amountNanousd).toBe(BigInt(nanousd))
})

test('price fields that were not read are named, with the number of prices that have them', () => {
  const entry = {
    input_cost_per_token: 1e-6,
    output_cost_per_token: 1e-6,
    cache_creation_input_audio_token_cost: 1e-6,
    litellm_provider: 'openai',
    mode: 'chat',
  }
  const list = readPriceList(
    'litellm',
    JSON.stringify({ a: entry, b: { ...entry, input_dbu_cost_per_token: 0.03 } }),
  )
  expect(list).toMatchObject({
    unreadFields: { cache_creation_input_audio_token_cost: 2, input_dbu_cost_per_token: 1 },
  })
})

test('the bound of a listed rate can be set', () => {
  const text = JSON.stringify({ data: [{ id: 'm', pricing: { prompt: '0.0005', completion: '0.0006' } }] })
  expect(readPriceList('openrouter', text)).toMatchObject({ prices: [{ model: 'm' }] })
  expect(readPriceList('openrouter', text, { tokenRateNanousdMax: 550_000_000_000n })).toMatchObject({
    prices: [],
    rejections: [expect.stringContaining('OUTPUT_TOKENS at 600000000000')],
  })
})

function firstCardsOf(format: PriceListFormat, body: unknown): RateCard[] {
  const list = readPriceList(format, JSON.stringify(body))
  if ('rejected' in list) throw new Error(list.rejected)
  const [first] = list.prices
  if (first === undefined) throw new Error(list.rejections.join('\n'))
  return first.rateCards
}
