import { validateRateCards } from '../../src/domain/rating/rateCards'
import type { PriceList } from '../../src/pricing/feeds/priceList'
import { readPriceList, readUsablePriceList } from '../../src/pricing/feeds/readPriceList'
import { cardOf } from '../support/priceBooks'

function read(format: 'openrouter' | 'litellm', body: unknown): PriceList {
  const list = readPriceList(format, typeof body === 'string' ? body : JSON.stringify(body))
  if ('rejected' in list) throw new Error(list.rejected)
  for (const { rateCards } of list.prices) validateRateCards(rateCards, 'rate_cards')
  return list
}

const good = { id: 'acme/good', pricing: { prompt: '0.000001', completion: '0.000002' } }

describe('OpenRouter', () => {
  // Entries of https://openrouter.ai/api/v1/models as it was on 2026-08-01.
  test('decimal strings with float noise, overrides by size, searches', () => {
    const { prices, rejections } = read('openrouter', {
      data: [
        {
          id: 'openai/gpt-5.6-terra',
          pricing: {
            prompt: '0.00000100000000000000015',
            completion: '0.000006',
            web_search: '0.005',
            input_cache_read: '0.0000001',
            input_cache_write: '0.00000125',
            overrides: [
              {
                min_prompt_tokens: 272_000,
                prompt: '0.0000020000000000000005',
                completion: '0.000009',
                input_cache_read: '0.0000002',
                input_cache_write: '0.0000025',
              },
            ],
          },
        },
        { id: 'google/gemma-4-31b-it:free', pricing: { prompt: '0', completion: '0' } },
      ],
    })
    expect(rejections).toEqual([])
    const searches = { WEB_SEARCHES: 0.005 }
    expect(prices).toEqual([
      {
        model: 'openai/gpt-5.6-terra',
        provider: 'openrouter',
        rateCards: [
          {
            aboveInputTokens: 271_999n,
            rates: ratesLike({
              INPUT_TOKENS: 2,
              OUTPUT_TOKENS: 9,
              ...searches,
              CACHE_READ_INPUT_TOKENS: 0.2,
              CACHE_CREATION_INPUT_TOKENS: 2.5,
            }),
          },
          {
            rates: ratesLike({
              INPUT_TOKENS: 1,
              OUTPUT_TOKENS: 6,
              ...searches,
              CACHE_READ_INPUT_TOKENS: 0.1,
              CACHE_CREATION_INPUT_TOKENS: 1.25,
            }),
          },
        ],
      },
      {
        model: 'google/gemma-4-31b-it:free',
        provider: 'openrouter',
        rateCards: [cardOf({ INPUT_TOKENS: 0, OUTPUT_TOKENS: 0 })],
      },
    ])
  })

  test.each<[string, Record<string, unknown>, RegExp]>([
    ['a sentinel', { prompt: '-1', completion: '-1' }, /depends on the model/],
    ['a negative price', { prompt: '-0.5', completion: '1' }, /negative/],
    ['nothing, without saying so', { prompt: '0', completion: '0' }, /costs nothing/],
    ['next to nothing', { prompt: '1e-18', completion: '0.000001' }, /no price/],
    ['less than any token costs', { prompt: '1e-10', completion: '0.000001' }, /below/],
    ['more than any token costs', { prompt: '0.5', completion: '0.000001' }, /above/],
    ['no number', { prompt: 'NaN', completion: '0.000001' }, /no price/],
    ['a field that nobody knows', { prompt: '0.000001', completion: '0.000001', gold: '1' }, /gold/],
    ['no price of its output', { prompt: '0.000001' }, /no price of its tokens/],
    ['another kind of override', { ...good.pricing, overrides: [{ min_images: 1 }] }, /override/],
    [
      'two prices above one size',
      { ...good.pricing, overrides: [{ min_prompt_tokens: 9 }, { min_prompt_tokens: 9 }] },
      /odd prices/,
    ],
    [
      'a size that no call has',
      { ...good.pricing, overrides: [{ min_prompt_tokens: 2 ** 52 }] },
      /above \d+ tokens/,
    ],
    ['a name of JavaScript’s', { ...good.pricing, constructor: '1' }, /constructor/],
    ['the same model again', good.pricing, /listed twice/],
  ])('%s is rejected with its reason, and the rest is read', (title, pricing, reason) => {
    const id = title === 'the same model again' ? good.id : 'acme/bad'
    const { prices, rejections } = read('openrouter', { data: [good, { id, pricing }] })
    expect(prices).toHaveLength(1)
    expect(rejections).toEqual([expect.stringMatching(reason)])
  })
})

test.each(['', 'a b', 'a\u0000b', 'x'.repeat(129), '\ufffd'])('a model called %j is rejected', (id) => {
  const { prices, rejections } = read('openrouter', { data: [good, { id, pricing: good.pricing }] })
  expect(prices).toHaveLength(1)
  expect(rejections).toEqual([expect.stringMatching(/no id|a name that no call could give/)])
})

// As OpenRouter's list had it until 2025, when every model carried every field.
test('a zero beside prices of tokens gives no reasoning, image or audio away', () => {
  const zeros = { request: '0', image: '0', web_search: '0', internal_reasoning: '0', audio: '0' }
  const { prices } = read('openrouter', {
    data: [{ id: 'openai/o1', pricing: { ...good.pricing, ...zeros } }],
  })
  expect(prices[0]?.rateCards[0]?.rates.map(({ meter }) => meter).sort()).toEqual([
    'INPUT_TOKENS',
    'OUTPUT_TOKENS',
    'REQUESTS',
    'WEB_SEARCHES',
  ])
})

describe('LiteLLM', () => {
  // Entries of its model_prices_and_context_window.json as it was on 2026-07-24.
  test('sizes, tiers, one-hour writes and ranges', () => {
    const { prices, rejections } = read('litellm', {
      sample_spec: { litellm_provider: 'one of', input_cost_per_token: 0 },
      'gpt-5.6': {
        litellm_provider: 'openai',
        mode: 'chat',
        input_cost_per_token: 5e-6,
        input_cost_per_token_above_272k_tokens: 1e-5,
        input_cost_per_token_flex: 2.5e-6,
        output_cost_per_token: 3e-5,
        output_cost_per_token_above_272k_tokens: 4.5e-5,
        output_cost_per_token_flex: 1.5e-5,
      },
      'anthropic.claude-sonnet-4-5-20250929-v1:0': {
        litellm_provider: 'bedrock_converse',
        mode: 'chat',
        input_cost_per_token: 3e-6,
        output_cost_per_token: 1.5e-5,
        cache_creation_input_token_cost: 3.75e-6,
        cache_creation_input_token_cost_above_1hr: 6e-6,
        cache_creation_input_token_cost_above_1hr_above_200k_tokens: 1.2e-5,
        search_context_cost_per_query: { search_context_size_high: 0.03, search_context_size_medium: 0.01 },
      },
      'dashscope/qwen-flash': {
        litellm_provider: 'dashscope',
        mode: 'chat',
        tiered_pricing: [
          { input_cost_per_token: 5e-8, output_cost_per_token: 4e-7, range: [0, 256_000] },
          { input_cost_per_token: 2.5e-7, output_cost_per_token: 2e-6, range: [256_000, 1_000_000] },
        ],
      },
      'azure/eu/gpt-4o': {
        litellm_provider: 'azure',
        mode: 'chat',
        input_cost_per_token: 2.75e-6,
        output_cost_per_token: 1.1e-5,
      },
      'vertex_ai/claude-opus-4': {
        litellm_provider: 'vertex_ai-anthropic_models',
        mode: 'chat',
        input_cost_per_token: 1.5e-5,
        output_cost_per_token: 7.5e-5,
      },
    })
    expect(rejections).toEqual([expect.stringContaining('sample_spec')])
    expect(prices.map(({ provider, model }) => `${provider} ${model}`)).toEqual([
      'openai gpt-5.6',
      'bedrock anthropic.claude-sonnet-4-5-20250929-v1:0',
      'dashscope qwen-flash',
      'azure eu/gpt-4o',
      'vertex_ai claude-opus-4',
    ])
    const [gpt, claude, qwen] = prices
    expect(gpt?.rateCards).toEqual([
      {
        aboveInputTokens: 272_000n,
        serviceTier: 'flex',
        ...cardOf({ INPUT_TOKENS: 5, OUTPUT_TOKENS: 22.5 }),
      },
      { aboveInputTokens: 272_000n, ...cardOf({ INPUT_TOKENS: 10, OUTPUT_TOKENS: 45 }) },
      { serviceTier: 'flex', ...cardOf({ INPUT_TOKENS: 2.5, OUTPUT_TOKENS: 15 }) },
      cardOf({ INPUT_TOKENS: 5, OUTPUT_TOKENS: 30 }),
    ])
    expect(claude?.rateCards).toEqual([
      {
        aboveInputTokens: 200_000n,
        rates: ratesLike({
          INPUT_TOKENS: 3,
          OUTPUT_TOKENS: 15,
          CACHE_CREATION_INPUT_TOKENS: 3.75,
          CACHE_CREATION_1H_INPUT_TOKENS: 12,
          WEB_SEARCHES: 0.01,
        }),
      },
      {
        rates: ratesLike({
          INPUT_TOKENS: 3,
          OUTPUT_TOKENS: 15,
          CACHE_CREATION_INPUT_TOKENS: 3.75,
          CACHE_CREATION_1H_INPUT_TOKENS: 6,
          WEB_SEARCHES: 0.01,
        }),
      },
    ])
    expect(qwen?.rateCards).toEqual([
      { aboveInputTokens: 256_000n, ...cardOf({ INPUT_TOKENS: 0.25, OUTPUT_TOKENS: 2 }) },
      cardOf({ INPUT_TOKENS: 0.05, OUTPUT_TOKENS: 0.4 }),
    ])
  })

  test.each<[string, unknown, RegExp]>([
    [
      'what is priced in a way that nobody knows',
      { litellm_provider: 'openai', mode: 'image_generation', output_cost_per_megapixel: 0.04 },
      /output_cost_per_megapixel/,
    ],
    [
      'what costs nothing',
      { litellm_provider: 'ollama', mode: 'chat', input_cost_per_token: 0, output_cost_per_token: 0 },
      /costs nothing/,
    ],
    ['what has no price', { litellm_provider: 'azure', mode: 'chat' }, /no price/],
    ['what has no provider', { mode: 'chat', input_cost_per_token: 1e-6 }, /no provider/],
    ['a price that is none', { litellm_provider: 'a', mode: 'chat', input_cost_per_token: [1] }, /no price/],
    ['a date', '2026-07-24', /no model/],
    [
      'a size that no call has',
      {
        litellm_provider: 'a',
        mode: 'chat',
        input_cost_per_token: 1e-6,
        input_cost_per_token_above_99999999999k_tokens: 2e-6,
      },
      /above \d+ tokens/,
    ],
    [
      'a provider of JavaScript’s',
      { litellm_provider: 'constructor', mode: 'chat', constructor: 1 },
      /no price/,
    ],
  ])('%s is rejected with its reason', (_, entry, reason) => {
    const fine = {
      litellm_provider: 'acme',
      mode: 'chat',
      input_cost_per_token: 1e-6,
      output_cost_per_token: 1e-6,
    }
    const { prices, rejections } = read('litellm', { fine, entry })
    expect(prices).toHaveLength(1)
    expect(rejections).toEqual([expect.stringMatching(reason)])
  })
})

test.each([
  ['nothing', ''],
  ['half of a list', '{"data":[{"id":"a","pricing":{"prom'],
  ['a page', '<!doctype html><title>502</title>'],
  ['no list', '[]'],
  ['an empty list', '{"data":[]}'],
  ['only entries that are no prices', '{"data":[{"id":"a","pricing":{"prompt":"-1"}}]}'],
  ['prices that are no numbers', '{"data":[{"id":"a","pricing":{"prompt":NaN,"completion":NaN}}]}'],
])('%s is refused as a whole', (_, text) => {
  expect(readUsablePriceList('openrouter', text)).toEqual({ rejected: expect.any(String) })
})

function ratesLike(usd: Parameters<typeof cardOf>[0]): unknown {
  const { rates } = cardOf(usd)
  return Object.assign(expect.arrayContaining(rates), {})
}
