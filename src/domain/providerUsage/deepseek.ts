import type { ProviderUsageFormat } from './format'
import { chatUsageOf } from './openai'

/**
 * The chat shape; the prompt is its cache hits and its cache misses together, reasoning is inside the completion.
 * https://api-docs.deepseek.com/api/create-chat-completion
 */
export const deepseek: ProviderUsageFormat = {
  paths: [['usage']],
  marks: ['prompt_tokens', 'completion_tokens'],
  usageOf(reported) {
    const hits = reported.count('prompt_cache_hit_tokens')
    const usage = chatUsageOf(reported)
    return hits === undefined ? usage : { ...usage, cacheReadInputTokens: hits }
  },
}
