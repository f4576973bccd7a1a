import type { ProviderUsageFormat } from './format'
import { chatUsageOf } from './openai'

/** The chat shape; older bodies have the cached part as `num_cached_tokens`. https://docs.mistral.ai/api/ */
export const mistral: ProviderUsageFormat = {
  paths: [['usage'], ['data', 'usage']],
  marks: ['prompt_tokens', 'completion_tokens'],
  usageOf(reported) {
    const usage = chatUsageOf(reported)
    const cached = reported.object('prompt_tokens_details').count('cached_tokens')
    return { ...usage, cacheReadInputTokens: cached ?? reported.count('num_cached_tokens') ?? 0n }
  },
}
