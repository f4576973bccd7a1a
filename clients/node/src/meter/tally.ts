import type { ProviderUsage } from '../../../../src/wire/generated/tollgate/billing/v1/ProviderUsage'
import type { Usage } from '../../../../src/wire/generated/tollgate/billing/v1/Usage'
import type { ChunkFacts, MeteredFormat } from './chunkReaders'

/** What a generation has used up to and including one chunk. */
export interface Tally {
  inputTokens: number
  /** The provider's highest count of output tokens. */
  reportedOutputTokens: number
  /** Text that arrived after that count. */
  unreported: Counts
  /** All text. */
  delivered: Counts
  endsInsideWord: boolean
  /** The provider's first usage object and the one with the highest count, which may be the same. */
  usages: readonly object[]
  /** What the provider last stated beside its usage. */
  served: object
}

interface Counts {
  chunks: number
  bytes: number
  /** Runs of characters that are not white space. */
  words: number
  /** Tokens by the gateway's tokenizer; 0 without one. */
  tokens: number
}

/** Counts the tokens of a text, where the gateway has the model's tokenizer. */
export type CountTokens = (text: string) => number

const NOTHING: Counts = { chunks: 0, bytes: 0, words: 0, tokens: 0 }
// English text in the usual tokenizers. Other languages have more bytes, and more tokens, per letter.
const BYTES_PER_TOKEN = 4
// A word is at least one token, so a count this far below the words is wrong.
const UNDERCOUNT_FACTOR = 1.1

export function emptyTally(inputTokens: number): Tally {
  return {
    inputTokens,
    reportedOutputTokens: 0,
    unreported: NOTHING,
    delivered: NOTHING,
    endsInsideWord: false,
    usages: [],
    served: {},
  }
}

/** A later count never lowers an earlier one: some providers end with zeros. */
export function tallyWith(tally: Tally, facts: ChunkFacts, countTokens?: CountTokens): Tally {
  const { text, usage, outputTokens, inputTokens, served } = facts
  const isHighest = outputTokens !== undefined && outputTokens >= tally.reportedOutputTokens
  const isCount = isHighest && outputTokens > 0
  const added = countsOf(text, tally.endsInsideWord, countTokens)
  return {
    inputTokens: inputTokens || tally.inputTokens,
    reportedOutputTokens: isHighest ? outputTokens : tally.reportedOutputTokens,
    unreported: isCount ? NOTHING : sumOf(tally.unreported, added),
    delivered: sumOf(tally.delivered, added),
    endsInsideWord: text === '' ? tally.endsInsideWord : /\S$/.test(text),
    usages:
      usage !== undefined && (isHighest || tally.usages.length === 0)
        ? [...tally.usages.slice(0, 1), usage]
        : tally.usages,
    served: served === undefined ? tally.served : { ...tally.served, ...served },
  }
}

/**
 * The provider's count plus what arrived after it. Where that is more than a tenth below the words delivered, the
 * provider's count is wrong, and the gateway's own count of everything takes its place.
 */
export function outputTokensOf(tally: Tally, countTokens?: CountTokens): number {
  const reported = tally.reportedOutputTokens + estimateOf(tally.unreported, countTokens)
  return isUndercounted(tally, countTokens)
    ? Math.max(reported, estimateOf(tally.delivered, countTokens))
    : reported
}

/** Whether the provider's count is more than a tenth below the words delivered. */
export function isUndercounted(tally: Tally, countTokens?: CountTokens): boolean {
  const { delivered, unreported, reportedOutputTokens } = tally
  const counted = reportedOutputTokens + estimateOf(unreported, countTokens)
  const leastTokens = countTokens === undefined ? delivered.words : delivered.tokens
  return leastTokens > counted * UNDERCOUNT_FACTOR
}

export function usageOf(
  tally: Tally,
  countTokens?: CountTokens,
): { inputTokens: number; outputTokens: number } {
  return { inputTokens: tally.inputTokens, outputTokens: outputTokensOf(tally, countTokens) }
}

export type Measured =
  | { usage: Usage; usageSource: Source }
  | { providerUsage: ProviderUsage; usageSource: Source }

/** What to settle: the provider's usage where it covers everything that arrived, else the count. */
export function measuredOf(
  tally: Tally,
  format: MeteredFormat | undefined,
  countTokens?: CountTokens,
): Measured {
  const last = tally.usages.at(-1)
  const isWhole = tally.unreported.chunks === 0 && !isUndercounted(tally, countTokens)
  if (format === undefined || last === undefined || !(isWhole || format === 'anthropic.messages')) {
    return estimatedOf(usageOf(tally, countTokens), format, tally.served)
  }
  if (format !== 'anthropic.messages') {
    return {
      providerUsage: { format, json: JSON.stringify(bodyOf(last, format, tally.served)) },
      usageSource: 'USAGE_SOURCE_PROVIDER',
    }
  }
  // The first event has the cache's parts of the prompt, which count even where the last event never came.
  const counted = isWhole ? [] : [{ output_tokens: outputTokensOf(tally, countTokens) }]
  const [first = {}, ...rest] = tally.usages
  const bodies = [bodyOf(first, format, tally.served), ...rest, ...counted]
  return {
    providerUsage: { format, json: JSON.stringify(bodies) },
    usageSource: isWhole ? 'USAGE_SOURCE_PROVIDER' : 'USAGE_SOURCE_ESTIMATED',
  }
}

/** The gateway's own count; in the provider's format where the provider stated how it served the call. */
function estimatedOf(
  usage: { inputTokens: number; outputTokens: number },
  format: MeteredFormat | undefined,
  served: object,
): Measured {
  const usageSource = 'USAGE_SOURCE_ESTIMATED'
  if (format === undefined || Object.keys(served).length === 0) return { usage, usageSource }
  const [input, output] = COUNT_NAMES[format]
  const counted = { [input]: usage.inputTokens, [output]: usage.outputTokens }
  return { providerUsage: { format, json: JSON.stringify(bodyOf(counted, format, served)) }, usageSource }
}

const COUNT_NAMES: Readonly<Record<MeteredFormat, readonly [input: string, output: string]>> = {
  'openai.chat': ['prompt_tokens', 'completion_tokens'],
  'openai.responses': ['input_tokens', 'output_tokens'],
  'anthropic.messages': ['input_tokens', 'output_tokens'],
  gemini: ['promptTokenCount', 'candidatesTokenCount'],
}

/** A body as the provider would send it, without its texts. */
function bodyOf(usage: object, format: MeteredFormat, served: object): object {
  if (Object.keys(served).length === 0) return usage
  return { ...served, [format === 'gemini' ? 'usageMetadata' : 'usage']: usage }
}

type Source = 'USAGE_SOURCE_PROVIDER' | 'USAGE_SOURCE_ESTIMATED'

function countsOf(text: string, endsInsideWord: boolean, countTokens?: CountTokens): Counts {
  if (text === '') return NOTHING
  const runs = text.match(/\S+/g)?.length ?? 0
  const continuesWord = endsInsideWord && /^\S/.test(text)
  return {
    chunks: 1,
    bytes: Buffer.byteLength(text),
    words: continuesWord ? runs - 1 : runs,
    tokens: countTokens?.(text) ?? 0,
  }
}

function sumOf(one: Counts, other: Counts): Counts {
  return {
    chunks: one.chunks + other.chunks,
    bytes: one.bytes + other.bytes,
    words: one.words + other.words,
    tokens: one.tokens + other.tokens,
  }
}

function estimateOf({ chunks, bytes, words, tokens }: Counts, countTokens?: CountTokens): number {
  if (countTokens !== undefined) return tokens
  return Math.max(chunks, words, Math.ceil(bytes / BYTES_PER_TOKEN))
}
