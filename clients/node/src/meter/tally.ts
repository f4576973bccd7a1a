import type { ProviderUsage } from '../../../../src/wire/generated/tollgate/billing/v1/ProviderUsage'
import type { Usage } from '../../../../src/wire/generated/tollgate/billing/v1/Usage'
import type { ChunkFacts, MeteredFormat } from './chunkReaders'

/** What a generation has used up to a chunk. */
export interface Tally {
  inputTokens: number
  /** By the provider's last count, which stands whole. */
  reportedOutputTokens: number
  /** What came after it. */
  unreported: { chunks: number; bytes: number; counted: number }
  /** The provider's first usage object and its last, which may be one. */
  usages: readonly object[]
}

/** Tokens of a text, where the gateway has the model's tokeniser. */
export type CountTokens = (text: string) => number

// Of English text in the usual tokenisers; other languages have more bytes, and more tokens, a letter.
const BYTES_PER_TOKEN = 4

export function emptyTally(inputTokens: number): Tally {
  return { inputTokens, reportedOutputTokens: 0, unreported: { chunks: 0, bytes: 0, counted: 0 }, usages: [] }
}

export function tallyWith(tally: Tally, { text, ...reported }: ChunkFacts, countTokens?: CountTokens): Tally {
  const before = tally.unreported
  const unreported =
    text === ''
      ? before
      : {
          chunks: before.chunks + 1,
          bytes: before.bytes + Buffer.byteLength(text),
          counted: before.counted + (countTokens?.(text) ?? 0),
        }
  const next = {
    ...tally,
    unreported,
    inputTokens: reported.inputTokens ?? tally.inputTokens,
    usages: reported.usage === undefined ? tally.usages : [...tally.usages.slice(0, 1), reported.usage],
  }
  if (reported.outputTokens === undefined) return next
  return {
    ...next,
    reportedOutputTokens: reported.outputTokens,
    unreported: { chunks: 0, bytes: 0, counted: 0 },
  }
}

/** A chunk is a token at least; where nobody counts, four bytes are one. */
export function outputTokensOf(
  { reportedOutputTokens, unreported }: Tally,
  countTokens?: CountTokens,
): number {
  const { chunks, bytes, counted } = unreported
  return (
    reportedOutputTokens +
    (countTokens === undefined ? Math.max(chunks, Math.ceil(bytes / BYTES_PER_TOKEN)) : counted)
  )
}

export function usageOf(
  tally: Tally,
  countTokens?: CountTokens,
): { inputTokens: number; outputTokens: number } {
  return { inputTokens: tally.inputTokens, outputTokens: outputTokensOf(tally, countTokens) }
}

/** What is to be settled: the provider's word where it covers all that came, else what was counted. */
export function measuredOf(
  tally: Tally,
  format: MeteredFormat | undefined,
  countTokens?: CountTokens,
): { usage: Usage; usageSource: Source } | { providerUsage: ProviderUsage; usageSource: Source } {
  const last = tally.usages.at(-1)
  const isWhole = tally.unreported.chunks === 0
  if (format === undefined || last === undefined || !(isWhole || format === 'anthropic.messages')) {
    return { usage: usageOf(tally, countTokens), usageSource: 'USAGE_SOURCE_ESTIMATED' }
  }
  if (format !== 'anthropic.messages') {
    return { providerUsage: { format, json: JSON.stringify(last) }, usageSource: 'USAGE_SOURCE_PROVIDER' }
  }
  // Its first event has the prompt with the cache's parts, which are worth keeping where the last never came.
  const counted = isWhole ? [] : [{ output_tokens: outputTokensOf(tally, countTokens) }]
  return {
    providerUsage: { format, json: JSON.stringify([...tally.usages, ...counted]) },
    usageSource: isWhole ? 'USAGE_SOURCE_PROVIDER' : 'USAGE_SOURCE_ESTIMATED',
  }
}

type Source = 'USAGE_SOURCE_PROVIDER' | 'USAGE_SOURCE_ESTIMATED'
