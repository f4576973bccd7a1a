import type { Conditions, RateCard } from '../../src/domain/rating/price'
import { NO_CONDITIONS, validateRateCards } from '../../src/domain/rating/rateCards'
import { rate } from '../../src/domain/rating/rating'
import { NO_USAGE, type Usage } from '../../src/domain/usage/usage'
import { catalogVersionsOf } from '../../src/pricing/catalog/catalogCards'
import { catalogData } from '../../src/pricing/catalog/catalogData'
import { FEES, LONG_CONTEXTS, MULTIPLIERS, WEEKDAY_RULES } from '../../src/pricing/catalog/providerFacts'

async function cardsOf(provider: string, model: string): Promise<RateCard[]> {
  const info = (await catalogData()).get(provider)?.models.find(({ id }) => id === model)
  const versions = info && catalogVersionsOf(provider, info)
  if (versions === undefined || 'rejected' in versions) throw new Error(`${provider}/${model} has no price`)
  return versions.at(-1)?.rateCards ?? []
}

interface Fact {
  provider: string
  model: string
  conditions?: Partial<Conditions>
  at?: string
  usage: Partial<Record<keyof Usage, number>>
  nanousd: number
  source: string
}

const facts: Fact[] = [
  {
    provider: 'openai',
    model: 'gpt-4o',
    conditions: { serviceTier: 'priority' },
    usage: { inputTokens: 9, outputTokens: 1 },
    nanousd: 55_250,
    source: 'BerriAI/litellm 37046: $4.25 and $17',
  },
  {
    provider: 'google',
    model: 'gemini-3.5-flash',
    conditions: { serviceTier: 'flex' },
    usage: { inputTokens: 7, outputTokens: 205 },
    nanousd: 927_750,
    source: 'BerriAI/litellm 37724: $0.75 and $4.50',
  },
  {
    provider: 'anthropic',
    model: 'claude-opus-4-8',
    conditions: { serviceTier: 'batch' },
    usage: { inputTokens: 1_800, outputTokens: 1_000 },
    nanousd: 17_000_000,
    source: 'dust-tt/dust 23702: $2.50 and $12.50',
  },
  {
    provider: 'anthropic',
    model: 'claude-opus-4-8',
    conditions: { speed: 'fast' },
    usage: {
      inputTokens: 2_000,
      cacheReadInputTokens: 1_500,
      cacheCreationInputTokens: 200,
      outputTokens: 500,
    },
    nanousd: 32_000_000,
    source: 'maximhq/bifrost 4267: $10, $1, $12.50 and $50',
  },
  {
    provider: 'anthropic',
    model: 'claude-sonnet-4-6',
    conditions: { geography: 'us' },
    usage: { inputTokens: 23, outputTokens: 10 },
    nanousd: 240_900,
    source: 'BerriAI/litellm 38369: 1.1 times $3 and $15',
  },
  {
    provider: 'anthropic',
    model: 'claude-opus-4-6',
    conditions: { geography: 'us', speed: 'fast' },
    usage: { inputTokens: 1_000 },
    nanousd: 33_000_000,
    source: 'both at once: 6 times and 1.1 times $5',
  },
  {
    provider: 'deepseek',
    model: 'deepseek-v4-pro',
    at: '2026-11-29T02:00:00Z',
    usage: { inputTokens: 100_000, cacheReadInputTokens: 95_600, outputTokens: 2_000 },
    nanousd: 8_967_200,
    source: 'KunAgent/Kun 1231: a Sunday is off-peak',
  },
  {
    provider: 'deepseek',
    model: 'deepseek-v4-pro',
    at: '2026-11-23T02:00:00Z',
    usage: { inputTokens: 100_000, cacheReadInputTokens: 95_600, outputTokens: 2_000 },
    nanousd: 17_934_400,
    source: 'KunAgent/Kun 1231: a Monday is not',
  },
  {
    provider: 'aws',
    model: 'global.anthropic.claude-opus-4-8-v1:0',
    usage: {
      inputTokens: 9_648,
      cacheCreationInputTokens: 9_634,
      cacheCreation1hInputTokens: 9_634,
      outputTokens: 5,
    },
    nanousd: 96_535_000,
    source: 'BerriAI/litellm 36762: an hour’s write is twice the input',
  },
  {
    provider: 'x-ai',
    model: 'grok-4.5',
    usage: { inputTokens: 1_000, outputTokens: 100, webSearches: 2 },
    nanousd: 12_600_000,
    source: 'BerriAI/litellm 30817: $5 per 1,000 searches',
  },
  {
    provider: 'openrouter',
    model: 'google/gemini-3.5-flash',
    usage: { inputTokens: 10_339, cacheCreationInputTokens: 10_318, outputTokens: 60 },
    nanousd: 16_908_333,
    source: 'OpenRouter, prompt caching: the write is storage on top of the input',
  },
  {
    provider: 'perplexity',
    model: 'sonar',
    conditions: { serviceTier: 'search_context_low' },
    usage: { inputTokens: 10, outputTokens: 140 },
    nanousd: 5_150_000,
    source: 'vercel/ai 13705: $5 per 1,000 requests of a low context',
  },
  {
    provider: 'perplexity',
    model: 'sonar',
    usage: { inputTokens: 10, outputTokens: 140 },
    nanousd: 12_150_000,
    source: 'the dearest where the context isn’t stated',
  },
  {
    provider: 'google',
    model: 'gemini-3.5-flash',
    usage: { webSearches: 3 },
    nanousd: 42_000_000,
    source: 'ai.google.dev: $14 per 1,000 queries from Gemini 3 on',
  },
  {
    provider: 'google',
    model: 'claude-4-sonnet',
    usage: { inputTokens: 200_001, outputTokens: 10 },
    nanousd: 1_200_231_000,
    source: 'LiteLLM’s list: $6 and $22.50 above 200,000 tokens',
  },
]

test.each(facts)('$provider/$model ($source)', async ({ provider, model, at, usage, nanousd, ...fact }) => {
  const rateCards = await cardsOf(provider, model)
  const counts = Object.entries(usage).map(([name, count]) => [name, BigInt(count)])
  const { amountNanousd } = rate(
    { rateCards, markupBasisPoints: 0 },
    {
      usage: { ...NO_USAGE, ...Object.fromEntries(counts) },
      conditions: { ...NO_CONDITIONS, ...fact.conditions },
      at: new Date(at ?? '2026-11-30T12:00:00Z'),
    },
  )
  expect(amountNanousd).toBe(BigInt(nanousd))
})

test('every model’s cards make a price that PutPrice would take', async () => {
  for (const [provider, { models }] of await catalogData()) {
    for (const model of models) {
      const versions = catalogVersionsOf(provider, model)
      if ('rejected' in versions) continue
      for (const { rateCards } of versions) validateRateCards(rateCards, `${provider}/${model.id}`)
    }
  }
})

test('every fact is about some model, and names its source', async () => {
  const catalog = await catalogData()
  for (const { provider, models, source } of [...MULTIPLIERS, ...FEES, ...LONG_CONTEXTS, ...WEEKDAY_RULES]) {
    const known = catalog.get(provider)?.models ?? []
    expect(`${provider} ${models} ${known.some(({ id }) => models.test(id))}`).toBe(
      `${provider} ${models} true`,
    )
    expect(source).toMatch(/20\d\d-\d\d-\d\d|issues|\/\d+/)
  }
})
