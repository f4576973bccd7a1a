import type { ProviderUsageFormat, ReadingContext } from './format'
import { type Reported, requiredCount } from './reported'

/**
 * Input tokens exclude cache reads and writes, by contract. A stream ends in a `metadata` event that has the usage.
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_TokenUsage.html
 */
export const bedrockConverse: ProviderUsageFormat = {
  paths: [['metadata', 'usage'], ['usage']],
  marks: ['inputTokens', 'outputTokens'],
  usageOf(reported, context) {
    const details = reported.list('cacheDetails')
    const read = reported.count('cacheReadInputTokens') ?? reported.count('cacheReadInputTokenCount') ?? 0n
    const parts = sumOf(details)
    const written =
      reported.count('cacheWriteInputTokens') ?? reported.count('cacheWriteInputTokenCount') ?? parts
    const input = requiredCount(reported, 'inputTokens')
    const outputTokens = reported.count('outputTokens') ?? 0n
    // Older bodies have both names for each.
    reported.understood('totalTokens', 'cacheReadInputTokenCount', 'cacheWriteInputTokenCount')
    return {
      inputTokens: includesCache(reported, { input, cache: read + written, outputTokens }, context)
        ? input
        : input + read + written,
      outputTokens,
      cacheReadInputTokens: read,
      cacheCreationInputTokens: written,
      cacheCreation1hInputTokens: sumOf(details.filter((detail) => detail.text('ttl') === '1h')),
    }
  },
  servedOf: (body) => ({
    serviceTier: firstText(body, 'serviceTier', 'type'),
    speed: firstText(body, 'performanceConfig', 'latency'),
  }),
}

function firstText(body: Reported, object: string, name: string): string {
  const metadata = body.object('metadata')
  return body.object(object).text(name) ?? metadata.object(object).text(name) ?? ''
}

function sumOf(details: readonly Reported[]): bigint {
  return details.reduce((sum, detail) => sum + (detail.count('inputTokens') ?? 0n), 0n)
}

/**
 * OpenAI's models on Bedrock count the cache inside of `inputTokens`, against the contract, while `totalTokens` adds it once
 * more (https://github.com/earendil-works/pi/issues/8752: 8,369 tokens, of which 8,367 were written). Fewer input tokens than
 * cached ones can only mean the contract. A total that leaves the cache out can only mean the other reading. Where the
 * numbers allow both, the model decides.
 */
function includesCache(
  reported: Reported,
  { input, cache, outputTokens }: { input: bigint; cache: bigint; outputTokens: bigint },
  { model, assume }: ReadingContext,
): boolean {
  if (cache === 0n || input < cache) return false
  const total = reported.count('totalTokens')
  if (total === input + outputTokens) {
    assume('inputTokens include the cache, as totalTokens says')
    return true
  }
  const isOpenAi = /openai|gpt/i.test(model)
  assume(
    isOpenAi
      ? 'inputTokens include the cache, as OpenAI models on Bedrock report it'
      : 'inputTokens exclude the cache, as Bedrock documents it',
  )
  return isOpenAi
}
