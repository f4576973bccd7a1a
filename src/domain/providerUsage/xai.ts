import type { ProviderUsageFormat } from './format'
import { chatUsageOf } from './openai'
import type { Reported } from './reported'

/**
 * The chat shape, but reasoning is billed on top of the completion, which doesn't include it. Where the total says that it
 * does, the total is believed. Each source that a live search used is billed. https://docs.x.ai/docs/models
 */
export const xai: ProviderUsageFormat = {
  paths: [['usage']],
  marks: ['prompt_tokens', 'completion_tokens'],
  usageOf(reported) {
    const usage = chatUsageOf(reported)
    const reasoning = usage.reasoningOutputTokens ?? 0n
    const completion = reported.count('completion_tokens') ?? 0n
    const isInside =
      reasoning <= completion && reported.count('total_tokens') === (usage.inputTokens ?? 0n) + completion
    return {
      ...usage,
      outputTokens: isInside ? completion : completion + reasoning,
      webSearches: webSearchesIn(reported),
    }
  },
}

function webSearchesIn(reported: Reported): bigint {
  const tools = reported.object('server_side_tool_usage_details')
  return (
    (reported.count('num_sources_used') ?? 0n) +
    (tools.count('web_search_calls') ?? 0n) +
    (tools.count('x_search_calls') ?? 0n)
  )
}
