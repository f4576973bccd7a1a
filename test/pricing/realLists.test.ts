import fc from 'fast-check'
import type { Meter, RateCard } from '../../src/domain/rating/price'
import { NO_CONDITIONS, selectRateCard } from '../../src/domain/rating/rateCards'
import { readUsablePriceList } from '../../src/pricing/feeds/readPriceList'

/** US dollars per 1,000,000 tokens (or for one search), as text, so that no float is compared. */
type Usd = Partial<Record<Meter, string>>

interface Fact {
  name: string
  entry: object
  model: string
  provider: string
  /** What requests of some size and tier cost. */
  costs: { input?: number; tier?: string; usd: Usd }[]
}

// Pricing of some entries of https://openrouter.ai/api/v1/models, word for word, as it was on 2026-08-01.
const openRouter: Fact[] = [
  {
    name: 'anthropic/claude-sonnet-4.5',
    entry: {
      prompt: '0.000003',
      completion: '0.000015',
      web_search: '0.01',
      input_cache_read: '0.0000003',
      input_cache_write: '0.00000375',
      input_cache_write_1h: '0.000006',
      overrides: [
        {
          min_prompt_tokens: 200_000,
          prompt: '0.000006',
          completion: '0.0000225',
          input_cache_read: '0.0000006',
          input_cache_write: '0.0000075',
          input_cache_write_1h: '0.000012',
        },
      ],
    },
    model: 'anthropic/claude-sonnet-4.5',
    provider: 'openrouter',
    costs: [
      {
        input: 199_999,
        usd: {
          INPUT_TOKENS: '3',
          OUTPUT_TOKENS: '15',
          CACHE_READ_INPUT_TOKENS: '0.3',
          CACHE_CREATION_INPUT_TOKENS: '3.75',
          CACHE_CREATION_1H_INPUT_TOKENS: '6',
          WEB_SEARCHES: '0.01',
        },
      },
      {
        input: 200_000,
        usd: {
          INPUT_TOKENS: '6',
          OUTPUT_TOKENS: '22.5',
          CACHE_CREATION_1H_INPUT_TOKENS: '12',
          WEB_SEARCHES: '0.01',
        },
      },
    ],
  },
  {
    // What the override leaves out and was the prompt's or the completion's price goes up with that.
    name: 'google/gemini-2.5-pro',
    entry: {
      prompt: '0.00000125',
      completion: '0.00001',
      image: '0.00000125',
      audio: '0.00000125',
      input_audio_cache: '0.000000125',
      web_search: '0.014',
      internal_reasoning: '0.00001',
      input_cache_read: '0.000000125',
      input_cache_write: '0.000000375',
      overrides: [
        {
          min_prompt_tokens: 200_000,
          prompt: '0.0000025',
          completion: '0.000015',
          audio: '0.0000025',
          input_audio_cache: '0.00000025',
          input_cache_read: '0.00000025',
        },
      ],
    },
    model: 'google/gemini-2.5-pro',
    provider: 'openrouter',
    costs: [
      {
        input: 0,
        usd: { REASONING_OUTPUT_TOKENS: '10', IMAGE_INPUT_TOKENS: '1.25', AUDIO_INPUT_TOKENS: '1.25' },
      },
      {
        input: 200_000,
        usd: {
          OUTPUT_TOKENS: '15',
          REASONING_OUTPUT_TOKENS: '15',
          IMAGE_INPUT_TOKENS: '2.5',
          AUDIO_INPUT_TOKENS: '2.5',
          // The storage, 0.375, on top of the input.
          CACHE_CREATION_INPUT_TOKENS: '2.875',
        },
      },
    ],
  },
  {
    name: 'qwen/qwen3-max',
    entry: {
      prompt: '0.00000078',
      completion: '0.0000039',
      input_cache_read: '0.000000156',
      input_cache_write: '0.000000975',
      overrides: [
        { min_prompt_tokens: 32_000, prompt: '0.00000156', completion: '0.0000078' },
        {
          min_prompt_tokens: 128_000,
          prompt: '0.00000195',
          completion: '0.00000975',
          input_cache_read: '0.00000039',
        },
      ],
    },
    model: 'qwen/qwen3-max',
    provider: 'openrouter',
    costs: [
      { input: 31_999, usd: { INPUT_TOKENS: '0.78' } },
      {
        input: 32_000,
        usd: { INPUT_TOKENS: '1.56', OUTPUT_TOKENS: '7.8', CACHE_READ_INPUT_TOKENS: '0.156' },
      },
      {
        input: 128_000,
        usd: { INPUT_TOKENS: '1.95', OUTPUT_TOKENS: '9.75', CACHE_READ_INPUT_TOKENS: '0.39' },
      },
    ],
  },
  {
    name: 'openai/gpt-audio',
    entry: { prompt: '0.0000025', completion: '0.00001', audio: '0.000032', audio_output: '0.000064' },
    model: 'openai/gpt-audio',
    provider: 'openrouter',
    costs: [{ usd: { AUDIO_INPUT_TOKENS: '32', AUDIO_OUTPUT_TOKENS: '64', OUTPUT_TOKENS: '10' } }],
  },
]

// Entries of https://github.com/BerriAI/litellm's model_prices_and_context_window.json as it was on 2026-07-24.
const liteLlm: Fact[] = [
  {
    // The list has an hour's cache write for short requests alone; it is 1.6 times the ordinary one in both.
    name: 'claude-sonnet-4-20250514',
    entry: {
      cache_creation_input_token_cost: 3.75e-6,
      cache_creation_input_token_cost_above_1hr: 6e-6,
      cache_creation_input_token_cost_above_200k_tokens: 7.5e-6,
      cache_read_input_token_cost: 3e-7,
      cache_read_input_token_cost_above_200k_tokens: 6e-7,
      input_cost_per_token: 3e-6,
      input_cost_per_token_above_200k_tokens: 6e-6,
      litellm_provider: 'anthropic',
      mode: 'chat',
      output_cost_per_token: 1.5e-5,
      output_cost_per_token_above_200k_tokens: 2.25e-5,
    },
    model: 'claude-sonnet-4-20250514',
    provider: 'anthropic',
    costs: [
      {
        input: 200_000,
        usd: { CACHE_CREATION_INPUT_TOKENS: '3.75', CACHE_CREATION_1H_INPUT_TOKENS: '6' },
      },
      {
        input: 200_001,
        usd: { CACHE_CREATION_INPUT_TOKENS: '7.5', CACHE_CREATION_1H_INPUT_TOKENS: '12' },
      },
    ],
  },
  {
    name: 'gpt-5',
    entry: {
      cache_read_input_token_cost: 1.25e-7,
      cache_read_input_token_cost_flex: 6.25e-8,
      cache_read_input_token_cost_priority: 2.5e-7,
      input_cost_per_token: 1.25e-6,
      input_cost_per_token_flex: 6.25e-7,
      input_cost_per_token_priority: 2.5e-6,
      litellm_provider: 'openai',
      mode: 'chat',
      output_cost_per_token: 1e-5,
      output_cost_per_token_flex: 5e-6,
      output_cost_per_token_priority: 2e-5,
    },
    model: 'gpt-5',
    provider: 'openai',
    costs: [
      { usd: { INPUT_TOKENS: '1.25', OUTPUT_TOKENS: '10', CACHE_READ_INPUT_TOKENS: '0.125' } },
      { tier: 'flex', usd: { INPUT_TOKENS: '0.625', OUTPUT_TOKENS: '5', CACHE_READ_INPUT_TOKENS: '0.0625' } },
      {
        tier: 'priority',
        usd: { INPUT_TOKENS: '2.5', OUTPUT_TOKENS: '20', CACHE_READ_INPUT_TOKENS: '0.25' },
      },
    ],
  },
  {
    name: 'claude-sonnet-4-5',
    entry: {
      cache_creation_input_token_cost: 3.75e-6,
      cache_creation_input_token_cost_above_1hr: 6e-6,
      cache_creation_input_token_cost_above_1hr_above_200k_tokens: 1.2e-5,
      cache_creation_input_token_cost_above_200k_tokens: 7.5e-6,
      cache_read_input_token_cost: 3e-7,
      cache_read_input_token_cost_above_200k_tokens: 6e-7,
      input_cost_per_token: 3e-6,
      input_cost_per_token_above_200k_tokens: 6e-6,
      litellm_provider: 'anthropic',
      mode: 'chat',
      output_cost_per_token: 1.5e-5,
      output_cost_per_token_above_200k_tokens: 2.25e-5,
      search_context_cost_per_query: {
        search_context_size_high: 0.01,
        search_context_size_low: 0.01,
        search_context_size_medium: 0.01,
      },
    },
    model: 'claude-sonnet-4-5',
    provider: 'anthropic',
    costs: [
      // A cliff above 200,000, not at it.
      { input: 200_000, usd: { INPUT_TOKENS: '3', CACHE_CREATION_1H_INPUT_TOKENS: '6' } },
      {
        input: 200_001,
        usd: {
          INPUT_TOKENS: '6',
          OUTPUT_TOKENS: '22.5',
          CACHE_READ_INPUT_TOKENS: '0.6',
          CACHE_CREATION_INPUT_TOKENS: '7.5',
          CACHE_CREATION_1H_INPUT_TOKENS: '12',
          WEB_SEARCHES: '0.01',
        },
      },
    ],
  },
  {
    name: 'gemini/gemini-2.5-flash',
    entry: {
      cache_read_input_token_cost: 3e-8,
      input_cost_per_audio_token: 1e-6,
      input_cost_per_token: 3e-7,
      litellm_provider: 'gemini',
      mode: 'chat',
      output_cost_per_reasoning_token: 2.5e-6,
      output_cost_per_token: 2.5e-6,
      search_context_cost_per_query: { search_context_size_low: 0.035, search_context_size_medium: 0.035 },
    },
    model: 'gemini-2.5-flash',
    provider: 'gemini',
    costs: [{ usd: { AUDIO_INPUT_TOKENS: '1', REASONING_OUTPUT_TOKENS: '2.5', WEB_SEARCHES: '0.035' } }],
  },
  {
    name: 'azure/eu/gpt-4o-2024-08-06',
    entry: {
      cache_read_input_token_cost: 1.375e-6,
      input_cost_per_token: 2.75e-6,
      litellm_provider: 'azure',
      mode: 'chat',
      output_cost_per_token: 1.1e-5,
    },
    model: 'eu/gpt-4o-2024-08-06',
    provider: 'azure',
    costs: [{ usd: { INPUT_TOKENS: '2.75', OUTPUT_TOKENS: '11', CACHE_READ_INPUT_TOKENS: '1.375' } }],
  },
  {
    name: 'perplexity/sonar-deep-research',
    entry: {
      citation_cost_per_token: 2e-6,
      input_cost_per_token: 2e-6,
      litellm_provider: 'perplexity',
      mode: 'chat',
      output_cost_per_reasoning_token: 3e-6,
      output_cost_per_token: 8e-6,
      search_context_cost_per_query: { search_context_size_medium: 0.005 },
    },
    model: 'sonar-deep-research',
    provider: 'perplexity',
    costs: [
      {
        usd: {
          OUTPUT_TOKENS: '8',
          REASONING_OUTPUT_TOKENS: '3',
          CITATION_OUTPUT_TOKENS: '2',
          WEB_SEARCHES: '0.005',
        },
      },
    ],
  },
  {
    name: 'text-embedding-3-small',
    entry: {
      input_cost_per_token: 2e-8,
      input_cost_per_token_batches: 1e-8,
      litellm_provider: 'openai',
      mode: 'embedding',
      output_cost_per_token: 0,
      output_cost_per_token_batches: 0,
    },
    model: 'text-embedding-3-small',
    provider: 'openai',
    costs: [
      { usd: { INPUT_TOKENS: '0.02', OUTPUT_TOKENS: '0' } },
      { tier: 'batch', usd: { INPUT_TOKENS: '0.01', OUTPUT_TOKENS: '0' } },
    ],
  },
]

const facts = [
  ...openRouter.map((fact) => ({ ...fact, format: 'openrouter' as const })),
  ...liteLlm.map((fact) => ({ ...fact, format: 'litellm' as const })),
]

test.each(facts)('$format: $name', ({ format, name, entry, model, provider, costs }) => {
  const json = format === 'litellm' ? { [name]: entry } : { data: [{ id: name, pricing: entry }] }
  const price = onlyPriceOf(format, json)
  expect(price).toMatchObject({ model, provider })
  for (const { input = 0, tier = '', usd } of costs) {
    for (const [meter, amount] of Object.entries(usd)) {
      expect([input, tier, meter, usdAt(price.rateCards, { input, tier, meter: meter as Meter })]).toEqual([
        input,
        tier,
        meter,
        amount,
      ])
    }
  }
})

// A slip in that same list: five cents for a token, fifty-five thousand dollars for a million.
test('a price of $55,000 for 1,000,000 tokens is out of a list’s bounds', () => {
  const entry = {
    input_cost_per_token: 0.055,
    output_cost_per_token: 0.2,
    litellm_provider: 'wandb',
    mode: 'chat',
  }
  const list = readUsablePriceList('litellm', JSON.stringify({ 'wandb/zai-org/GLM-4.5': entry }))
  expect(list).toEqual({ rejected: expect.stringContaining('INPUT_TOKENS at 55000000000000') })
})

// Two more: the hour's cache write of claude-3-opus and of claude-3-haiku is that of another model.
test.each([
  ['claude-3-opus-20240229', 1.5e-5, 1.875e-5],
  ['claude-3-haiku-20240307', 2.5e-7, 3e-7],
])('an hour’s cache write at $6 is none of %s', (model, input, write) => {
  const entry = {
    input_cost_per_token: input,
    output_cost_per_token: input * 5,
    cache_creation_input_token_cost: write,
    cache_creation_input_token_cost_above_1hr: 6e-6,
    litellm_provider: 'anthropic',
    mode: 'chat',
  }
  const list = readUsablePriceList('litellm', JSON.stringify({ [model]: entry }))
  expect(list).toEqual({ rejected: expect.stringContaining('hour’s cache write') })
})

describe('any price that 15 digits can write', () => {
  const nanousd = fc.bigInt({ min: 1_000_000n, max: 1_000_000_000_000n })

  test('is the same as text and as a float, in either format', () => {
    fc.assert(
      fc.property(nanousd, nanousd, (input, output) => {
        const [prompt, completion] = [input, output].map((amount) => `${amount}e-15`)
        const entry = {
          litellm_provider: 'acme',
          mode: 'chat',
          input_cost_per_token: Number(prompt),
          output_cost_per_token: Number(completion),
        }
        const prices = [
          onlyPriceOf('openrouter', { data: [{ id: 'm', pricing: { prompt, completion } }] }),
          onlyPriceOf('openrouter', {
            data: [{ id: 'm', pricing: { prompt: plainText(input), completion } }],
          }),
          onlyPriceOf('litellm', { m: entry }),
        ]
        for (const { rateCards } of prices) {
          expect(rateCards[0]?.rates.map(({ priceNanousd }) => priceNanousd)).toEqual([input, output])
        }
      }),
    )
  })

  test('survives the noise that floats leave behind the last digit', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 99_999n }), fc.integer({ min: 1, max: 9 }), (cents, noise) => {
        const amount = cents * 10_000_000n
        const prompt = `${plainText(amount)}000000${noise}`
        const price = onlyPriceOf('openrouter', {
          data: [{ id: 'm', pricing: { prompt, completion: '0.00001' } }],
        })
        expect(price.rateCards[0]?.rates[0]?.priceNanousd).toBe(amount)
      }),
    )
  })
})

function onlyPriceOf(format: 'openrouter' | 'litellm', json: object) {
  const list = readUsablePriceList(format, JSON.stringify(json))
  if ('rejected' in list) throw new Error(list.rejected)
  const [price] = list.prices
  if (price === undefined || list.prices.length !== 1) throw new Error(list.rejections.join('\n'))
  return price
}

/** Of the meter itself, or of the one whose price it has. */
function usdAt(
  cards: readonly RateCard[],
  { input, tier, meter }: { input: number; tier: string; meter: Meter },
): string | undefined {
  const request = {
    inputTokens: BigInt(input),
    conditions: { ...NO_CONDITIONS, serviceTier: tier },
    at: new Date(),
  }
  const { rates } = selectRateCard(cards, request)
  const parent: Partial<Record<Meter, Meter>> = {
    REASONING_OUTPUT_TOKENS: 'OUTPUT_TOKENS',
    IMAGE_INPUT_TOKENS: 'INPUT_TOKENS',
  }
  const rate =
    rates.find((each) => each.meter === meter) ?? rates.find((each) => each.meter === parent[meter])
  return rate === undefined ? undefined : usdText(rate.priceNanousd)
}

function usdText(nanousd: bigint): string {
  return `${nanousd / 1_000_000_000n}.${String(nanousd % 1_000_000_000n).padStart(9, '0')}`.replace(
    /\.?0+$/,
    '',
  )
}

/** US dollars for one token, written out. */
function plainText(nanousdPerMillion: bigint): string {
  return `0.${String(nanousdPerMillion).padStart(15, '0')}`
}
