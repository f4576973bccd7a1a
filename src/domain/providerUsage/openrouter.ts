import type { ProviderUsageFormat } from './format'
import { chatUsageOf } from './openai'

/**
 * The chat shape, inclusive whatever the model behind it. `cost` is what OpenRouter charges the gateway, not what the
 * gateway's user pays, and is left alone. https://openrouter.ai/docs/use-cases/usage-accounting
 */
export const openrouter: ProviderUsageFormat = {
  paths: [['usage']],
  marks: ['prompt_tokens', 'completion_tokens'],
  usageOf: (reported) => ({
    ...chatUsageOf(reported),
    webSearches:
      reported.object('server_tool_use_details').count('web_search_requests') ??
      reported.object('server_tool_use').count('web_search_requests') ??
      0n,
  }),
}
