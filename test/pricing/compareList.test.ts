import { compareList } from '../../src/pricing/compareList'

const options = { tokenRateNanousdMax: 1_000_000_000_000n }

test('a list is priced twice over seven usages, and every difference has a reason', () => {
  const chat = {
    litellm_provider: 'acme',
    mode: 'chat',
    input_cost_per_token: 1e-6,
    output_cost_per_token: 2e-6,
  }
  const search = {
    search_context_size_low: 0.01,
    search_context_size_medium: 0.01,
    search_context_size_high: 0.01,
  }
  const whole = {
    ...chat,
    cache_read_input_token_cost: 1e-7,
    cache_creation_input_token_cost: 1.25e-6,
    input_cost_per_audio_token: 4e-6,
    output_cost_per_reasoning_token: 3e-6,
    input_cost_per_token_above_200k_tokens: 2e-6,
    search_context_cost_per_query: search,
  }
  const { entries, byUnits, compared, agreed, disagreements, rejected } = compareList(
    {
      sample_spec: {},
      whole,
      bare: chat,
      zero: { ...whole, cache_creation_input_token_cost: 0 },
      image: { litellm_provider: 'acme', mode: 'image_generation', output_cost_per_image: 0.04 },
      free: { litellm_provider: 'acme', mode: 'chat', input_cost_per_token: 0, output_cost_per_token: 0 },
    },
    options,
  )
  expect({ entries, byUnits, compared, agreed }).toEqual({ entries: 5, byUnits: 1, compared: 21, agreed: 17 })
  expect(rejected).toEqual([{ model: 'free', reason: expect.stringContaining('costs nothing') }])
  expect(disagreements.map(({ model, usage, reason }) => `${model} ${usage} ${reason?.right}`)).toEqual([
    'bare cached tollgate',
    'bare written tollgate',
    'bare search tollgate',
    'zero written tollgate',
  ])
  // 2,000 at $1, 8,000 of the cache for nothing, 500 at $2: what LiteLLM charges.
  expect(disagreements[0]).toMatchObject({ listNanousd: 3_000_000n, tollgateNanousd: 11_000_000n })
})
