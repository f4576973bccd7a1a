import type { Meter } from '../../domain/rating/price'
import { isObject, type Rejected } from './priceList'

/** What a card of the list is chosen by: more input tokens than this, and this tier; 0 and '' are no condition. */
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
  }),
)

const TIER_OF_SUFFIX: Readonly<Record<string, string>> = {
  priority: 'priority',
  flex: 'flex',
  batches: 'batch',
}

/** What one field of a model's entry says, or undefined where it is about something else. */
export function fieldOf(name: string, value: unknown): LiteLlmField[] | Rejected | undefined {
  if (value === null || value === undefined) return undefined
  if (name === 'search_context_cost_per_query') return searchesOf(value)
  if (name === 'tiered_pricing') return rangesOf(value)
  const match = /^(.+?)(?:_above_(\d+)k_tokens)?(?:_(priority|flex|batches))?$/.exec(name)
  const meter = METER_OF_FIELD.get(match?.[1] ?? '')
  if (match === null || meter === undefined) return undefined
  if (typeof value !== 'number' && typeof value !== 'string')
    return { rejected: `has a ${name} that is no price` }
  const card = { above: Number(match[2] ?? 0) * 1_000, tier: TIER_OF_SUFFIX[match[3] ?? ''] ?? '' }
  return [{ card, meter, usd: value }]
}

/** Text by which cards are told apart. */
export function cardKeyOf({ above, tier }: CardKey): string {
  return `${above} ${tier}`
}

/** A search costs by how much of the web goes into the context; "medium" is what a request has that doesn't say. */
function searchesOf(value: unknown): LiteLlmField[] | Rejected {
  const usd = isObject(value)
    ? (value['search_context_size_medium'] ?? value['search_context_size_low'])
    : undefined
  if (typeof usd !== 'number' && typeof usd !== 'string')
    return { rejected: 'has a price of a search that is none' }
  return [{ card: { above: 0, tier: '' }, meter: 'WEB_SEARCHES', usd }]
}

/** DashScope's way: a list of ranges of input tokens, each with its rates. */
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
