import type { Meter } from '../../domain/rating/price'
import { isObject, type Rejected } from './priceList'

/** The conditions of a card: more input tokens than `above`, and the tier. 0 and '' are no condition. */
export interface CardKey {
  above: number
  tier: string
}

export interface LiteLlmField {
  card: CardKey
  meter: Meter
  usd: number | string
}

const METER_OF_FIELD: ReadonlyMap<string, Meter> = new Map(
  Object.entries<Meter>({
    input_cost_per_token: 'INPUT_TOKENS',
    output_cost_per_token: 'OUTPUT_TOKENS',
    cache_read_input_token_cost: 'CACHE_READ_INPUT_TOKENS',
    input_cost_per_token_cache_hit: 'CACHE_READ_INPUT_TOKENS',
    cache_creation_input_token_cost: 'CACHE_CREATION_INPUT_TOKENS',
    cache_creation_input_token_cost_above_1hr: 'CACHE_CREATION_1H_INPUT_TOKENS',
    output_cost_per_reasoning_token: 'REASONING_OUTPUT_TOKENS',
    citation_cost_per_token: 'CITATION_OUTPUT_TOKENS',
    input_cost_per_audio_token: 'AUDIO_INPUT_TOKENS',
    cache_read_input_audio_token_cost: 'AUDIO_CACHE_READ_INPUT_TOKENS',
    cache_read_input_token_cost_per_audio_token: 'AUDIO_CACHE_READ_INPUT_TOKENS',
    output_cost_per_audio_token: 'AUDIO_OUTPUT_TOKENS',
    input_cost_per_image_token: 'IMAGE_INPUT_TOKENS',
    cache_read_input_image_token_cost: 'IMAGE_CACHE_READ_INPUT_TOKENS',
    output_cost_per_image_token: 'IMAGE_OUTPUT_TOKENS',
    input_cost_per_request: 'REQUESTS',
    // A rerank's search unit is a request.
    input_cost_per_query: 'REQUESTS',
  }),
)

const TIER_OF_SUFFIX: Readonly<Record<string, string>> = {
  priority: 'priority',
  flex: 'flex',
  batches: 'batch',
}

/** Whether a price field belongs to another field, or repeats it in another unit. */
export function isImplied(name: string): boolean {
  return /^(cost_per_token_unit|output_vector_size)$/.test(name)
}

/** Reads one field of a model's entry. Undefined if it states no price that a usage can have. */
export function fieldOf(
  name: string,
  value: unknown,
  entry: Readonly<Record<string, unknown>> = {},
): LiteLlmField[] | Rejected | undefined {
  if (value === null || value === undefined) return undefined
  if (name === 'search_context_cost_per_query') {
    return entry['litellm_provider'] === 'perplexity' ? requestFeesOf(value) : searchesOf(value)
  }
  if (name === 'tiered_pricing') return rangesOf(value)
  const match = /^(.+?)(?:_above_(\d+)k_tokens)?(?:_(priority|flex|batches))?$/.exec(name)
  const meter = METER_OF_FIELD.get(match?.[1] ?? '')
  if (match === null || meter === undefined) return undefined
  if (typeof value !== 'number' && typeof value !== 'string')
    return { rejected: `has a ${name} that is no price` }
  const card = { above: Number(match[2] ?? 0) * 1_000, tier: TIER_OF_SUFFIX[match[3] ?? ''] ?? '' }
  return [{ card, meter, usd: value }]
}

/** Equal for cards with equal conditions. */
export function cardKeyOf({ above, tier }: CardKey): string {
  return `${above} ${tier}`
}

/** A search's price depends on the size of its context. A request that doesn't state the size has "medium". */
function searchesOf(value: unknown): LiteLlmField[] | Rejected {
  const usd = isObject(value)
    ? (value['search_context_size_medium'] ?? value['search_context_size_low'])
    : undefined
  if (typeof usd !== 'number' && typeof usd !== 'string')
    return { rejected: 'has a price of a search that is none' }
  return [{ card: { above: 0, tier: '' }, meter: 'WEB_SEARCHES', usd }]
}

/**
 * Perplexity's fee is for the request, depends on the size of its context, and includes its searches. Its deep research has one
 * fee, for each search (https://docs.perplexity.ai/docs/getting-started/pricing, read 2026-11-30).
 */
function requestFeesOf(value: unknown): LiteLlmField[] | Rejected {
  if (!isObject(value)) return { rejected: 'has a price of a search that is none' }
  const fees = SEARCH_CONTEXT_SIZES.flatMap((size) => {
    const usd = value[`search_context_size_${size}`]
    return typeof usd === 'number' || typeof usd === 'string' ? [{ size, usd }] : []
  })
  if (fees.every(({ usd }) => usd === fees[0]?.usd)) return searchesOf(value)
  const dearest = fees.reduce((a, b) => (Number(b.usd) > Number(a.usd) ? b : a))
  return [
    { card: { above: 0, tier: '' }, meter: 'REQUESTS', usd: dearest.usd },
    { card: { above: 0, tier: '' }, meter: 'WEB_SEARCHES', usd: 0 },
    ...fees.map(
      ({ size, usd }): LiteLlmField => ({
        card: { above: 0, tier: `search_context_${size}` },
        meter: 'REQUESTS',
        usd,
      }),
    ),
  ]
}

const SEARCH_CONTEXT_SIZES = ['low', 'medium', 'high'] as const

/** DashScope's prices are a list of ranges of input tokens, each with its rates. */
function rangesOf(value: unknown): LiteLlmField[] | Rejected {
  if (!Array.isArray(value)) return { rejected: 'has a tiered_pricing that is no array' }
  const fields: LiteLlmField[] = []
  for (const range of value as readonly unknown[]) {
    const start: unknown = isObject(range) && Array.isArray(range['range']) ? range['range'][0] : undefined
    if (!isObject(range) || typeof start !== 'number' || !Number.isSafeInteger(start) || start < 0) {
      return { rejected: 'has a tiered_pricing without ranges' }
    }
    for (const [name, usd] of Object.entries(range)) {
      const meter = METER_OF_FIELD.get(name)
      if (meter === undefined || (typeof usd !== 'number' && typeof usd !== 'string')) continue
      fields.push({ card: { above: start, tier: '' }, meter, usd })
    }
  }
  return fields
}
