import type { ProviderUsageFormat } from './format'
import { type Reported, requiredCount } from './reported'

/**
 * Input tokens exclude cache reads and writes. A stream ends in a `metadata` event that has the usage.
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_TokenUsage.html
 */
export const bedrockConverse: ProviderUsageFormat = {
  paths: [['metadata', 'usage'], ['usage']],
  marks: ['inputTokens', 'outputTokens'],
  usageOf(reported) {
    const read = reported.count('cacheReadInputTokens') ?? reported.count('cacheReadInputTokenCount') ?? 0n
    const details = reported.list('cacheDetails')
    const oneHour = sumOf(details.filter((detail) => detail.text('ttl') === '1h'))
    const written =
      reported.count('cacheWriteInputTokens') ?? reported.count('cacheWriteInputTokenCount') ?? sumOf(details)
    return {
      inputTokens: requiredCount(reported, 'inputTokens') + read + written,
      outputTokens: reported.count('outputTokens') ?? 0n,
      cacheReadInputTokens: read,
      cacheCreationInputTokens: written,
      cacheCreation1hInputTokens: oneHour,
    }
  },
}

function sumOf(details: readonly Reported[]): bigint {
  return details.reduce((sum, detail) => sum + (detail.count('inputTokens') ?? 0n), 0n)
}
