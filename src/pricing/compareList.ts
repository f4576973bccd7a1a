import { scaledDecimalOf } from '../domain/decimal'
import { NO_CONDITIONS } from '../domain/rating/rateCards'
import { cardFor, costOf, unratedMeterOf } from '../domain/rating/rating'
import { NO_USAGE, type Usage } from '../domain/usage/usage'
import { readEntry } from './feeds/litellm'
import { isObject, type ListedPrice } from './feeds/priceList'

/** Calls of seven kinds, each with one thing that price lists get wrong. */
const USAGES: Readonly<Record<string, Usage>> = {
  plain: { ...NO_USAGE, inputTokens: 1_000n, outputTokens: 500n },
  cached: { ...NO_USAGE, inputTokens: 10_000n, cacheReadInputTokens: 8_000n, outputTokens: 500n },
  written: { ...NO_USAGE, inputTokens: 10_000n, cacheCreationInputTokens: 8_000n, outputTokens: 500n },
  long: { ...NO_USAGE, inputTokens: 300_000n, outputTokens: 500n },
  reasoning: { ...NO_USAGE, inputTokens: 1_000n, outputTokens: 2_000n, reasoningOutputTokens: 1_500n },
  audio: { ...NO_USAGE, inputTokens: 1_000n, audioInputTokens: 800n, outputTokens: 500n },
  search: { ...NO_USAGE, inputTokens: 1_000n, outputTokens: 500n, webSearches: 1n },
}

export const COMPARED_USAGES: readonly string[] = Object.keys(USAGES)

/** Why two prices of one call differ, and whose is right. */
export interface Reason {
  right: 'tollgate' | 'list'
  text: string
}

export interface Comparison {
  model: string
  usage: string
  listNanousd: bigint
  /** Undefined where tollgate refuses the call. */
  tollgateNanousd: bigint | undefined
  /** Absent where both agree. */
  reason?: Reason
}

export interface ListComparison {
  /** Of LiteLLM's list. */
  entries: number
  /** Entries that are priced by named units alone. */
  byUnits: number
  compared: number
  agreed: number
  disagreements: Comparison[]
  /** Entries that tollgate doesn't take, with the reason. */
  rejected: { model: string; reason: string }[]
}

type Entry = Readonly<Record<string, unknown>>

/**
 * Prices every model of LiteLLM's list twice over seven usages: as LiteLLM's own calculator does by the list's fields, and as
 * tollgate does after an import of the list.
 */
export function compareList(
  list: Entry,
  { tokenRateNanousdMax }: { tokenRateNanousdMax: bigint },
): ListComparison {
  const outcome: ListComparison = {
    entries: 0,
    byUnits: 0,
    compared: 0,
    agreed: 0,
    disagreements: [],
    rejected: [],
  }
  for (const [model, entry] of Object.entries(list)) {
    if (model === 'sample_spec' || !isObject(entry)) continue
    outcome.entries += 1
    const read = readEntry(model, list, { tokenRateNanousdMax })
    if ('rejected' in read) {
      outcome.rejected.push({ model, reason: read.rejected })
      continue
    }
    // None of the usages has units.
    if (read.rateCards.every(({ rates }) => rates.length === 0)) {
      outcome.byUnits += 1
      continue
    }
    for (const [name, usage] of Object.entries(USAGES)) {
      const comparison = compare(model, { entry, price: read }, { name, usage })
      outcome.compared += 1
      if (comparison.listNanousd === comparison.tollgateNanousd) outcome.agreed += 1
      else outcome.disagreements.push(comparison)
    }
  }
  return outcome
}

function compare(
  model: string,
  { entry, price }: { entry: Entry; price: ListedPrice },
  { name, usage }: { name: string; usage: Usage },
): Comparison {
  const listNanousd = listCostOf(entry, usage)
  const tollgateNanousd = tollgateCostOf(price, usage)
  const same = { model, usage: name, listNanousd, tollgateNanousd }
  if (listNanousd === tollgateNanousd) return same
  const reason = reasonOf(entry, { usage, name, isRefused: tollgateNanousd === undefined })
  return reason === undefined ? same : { ...same, reason }
}

function tollgateCostOf({ rateCards }: ListedPrice, usage: Usage): bigint | undefined {
  const request = { usage, conditions: NO_CONDITIONS, at: new Date('2026-11-30T12:00:00Z') }
  const price = { rateCards, markupBasisPoints: 0 }
  try {
    if (unratedMeterOf(cardFor(price, request), usage) !== undefined) return undefined
    return costOf(price, request).costNanousd
  } catch {
    return undefined
  }
}

/** As `generic_cost_per_token` of LiteLLM: a field that is missing is a rate of zero, except where its code falls back. */
function listCostOf(entry: Entry, usage: Usage): bigint {
  const sizes = Object.keys(entry).flatMap((field) => {
    const match = /^input_cost_per_token_above_(\d+)k_tokens$/.exec(field)
    return match === null || entry[field] === null ? [] : [Number(match[1])]
  })
  const above = sizes.sort((a, b) => b - a).find((size) => usage.inputTokens > BigInt(size) * 1_000n)
  const rateOf = (field: string): bigint | undefined => {
    const sized = above === undefined ? undefined : scaled(entry[`${field}_above_${above}k_tokens`])
    return sized ?? scaled(entry[field])
  }
  const [input = 0n, output = 0n] = [rateOf('input_cost_per_token'), rateOf('output_cost_per_token')]
  const fresh =
    usage.inputTokens - usage.cacheReadInputTokens - usage.cacheCreationInputTokens - usage.audioInputTokens
  const tokens =
    fresh * input +
    usage.cacheReadInputTokens * (rateOf('cache_read_input_token_cost') ?? 0n) +
    usage.cacheCreationInputTokens * (rateOf('cache_creation_input_token_cost') ?? 0n) +
    usage.audioInputTokens * (rateOf('input_cost_per_audio_token') ?? input) +
    (usage.outputTokens - usage.reasoningOutputTokens) * output +
    usage.reasoningOutputTokens * (rateOf('output_cost_per_reasoning_token') ?? output)
  const search = isObject(entry['search_context_cost_per_query'])
    ? (scaled(entry['search_context_cost_per_query']['search_context_size_medium']) ?? 0n)
    : 0n
  return (tokens + usage.webSearches * search + SCALE / 2n) / SCALE
}

/** Nano-USD times a million: exact for every price that is listed. */
const SCALE = 1_000_000n

function scaled(value: unknown): bigint | undefined {
  return typeof value === 'number' || typeof value === 'string' ? scaledDecimalOf(value, 15) : undefined
}

interface Difference {
  usage: Usage
  name: string
  isRefused: boolean
}

/** The first that applies. Every rule names who is right. */
const REASONS: readonly (readonly [
  applies: (entry: Entry, difference: Difference) => boolean,
  reason: Reason,
])[] = [
  [
    (entry, { name, isRefused }) =>
      isRefused && name === 'search' && entry['search_context_cost_per_query'] === undefined,
    tollgate('the list has no price of a search: LiteLLM charges nothing for it, tollgate refuses the call'),
  ],
  [
    (entry, { isRefused }) => isRefused && !isPriced(entry, 'output_cost_per_token'),
    tollgate(
      'the list has no price of the output: LiteLLM charges nothing for it, tollgate refuses the call',
    ),
  ],
  [
    (entry, { isRefused }) => isRefused && !isPriced(entry, 'input_cost_per_token'),
    tollgate('the list has no price of the input: LiteLLM charges nothing for it, tollgate refuses the call'),
  ],
  [
    (entry) => entry['tiered_pricing'] !== undefined,
    tollgate('tiered_pricing: LiteLLM’s generic calculator leaves the ranges out, DashScope bills by them'),
  ],
  [
    (entry) =>
      entry['litellm_provider'] === 'perplexity' && entry['search_context_cost_per_query'] !== undefined,
    tollgate(
      'Perplexity’s fee is for every request, whose dearest counts where the body doesn’t state its context',
    ),
  ],
  [
    (entry, { name }) => name === 'cached' && !isPriced(entry, 'cache_read_input_token_cost'),
    tollgate(
      'no rate for tokens from the cache: LiteLLM charges nothing for them, tollgate the input’s rate',
    ),
  ],
  [
    (entry, { name }) => name === 'written' && !isPriced(entry, 'cache_creation_input_token_cost'),
    tollgate(
      'no rate for tokens that are written to the cache: LiteLLM charges nothing for them, tollgate the input’s',
    ),
  ],
  [
    (entry, { name }) => name === 'written' && Number(entry['cache_creation_input_token_cost']) === 0,
    tollgate('a write at zero has no fee of its own: the tokens are input, and cost what the input does'),
  ],
  [
    (entry) =>
      Object.keys(entry).some((field) => /^input_cost_per_request$|^input_cost_per_query$/.test(field)),
    tollgate('a fee for the request: LiteLLM’s calculator of tokens leaves it out'),
  ],
]

function reasonOf(entry: Entry, difference: Difference): Reason | undefined {
  return REASONS.find(([applies]) => applies(entry, difference))?.[1]
}

function tollgate(text: string): Reason {
  return { right: 'tollgate', text }
}

function isPriced(entry: Entry, field: string): boolean {
  return entry[field] !== undefined && entry[field] !== null
}
