/**
 * What one model call consumed: the contract's `Usage`. Totals are inclusive; every other token count is a part of
 * one of them. All counts are whole and not negative, at most {@link COUNT_MAX}.
 */
export interface Usage {
  inputTokens: bigint
  outputTokens: bigint
  cacheReadInputTokens: bigint
  cacheCreationInputTokens: bigint
  cacheCreation1hInputTokens: bigint
  reasoningOutputTokens: bigint
  audioInputTokens: bigint
  audioCacheReadInputTokens: bigint
  audioOutputTokens: bigint
  imageInputTokens: bigint
  imageCacheReadInputTokens: bigint
  imageOutputTokens: bigint
  citationOutputTokens: bigint
  webSearches: bigint
  /** Calls made. Absent = 1, but 0 where every other count is 0; see `requestsOf`. */
  requests?: bigint
}

/** Where the token counts came from. */
export type UsageSource = 'unspecified' | 'provider' | 'estimated'

export const COUNT_MAX = 10n ** 12n

export const NO_USAGE: Usage = {
  inputTokens: 0n,
  outputTokens: 0n,
  cacheReadInputTokens: 0n,
  cacheCreationInputTokens: 0n,
  cacheCreation1hInputTokens: 0n,
  reasoningOutputTokens: 0n,
  audioInputTokens: 0n,
  audioCacheReadInputTokens: 0n,
  audioOutputTokens: 0n,
  imageInputTokens: 0n,
  imageCacheReadInputTokens: 0n,
  imageOutputTokens: 0n,
  citationOutputTokens: 0n,
  webSearches: 0n,
}
