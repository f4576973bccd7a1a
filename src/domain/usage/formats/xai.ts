import type { Usage } from '../usage'
import { chatUsageOf, servedByOpenAi } from './chat'
import { lastCounts, type ProviderUsageFormat, type ReadingContext } from './format'
import type { Reported } from './reported'
import { responseIn, responsesUsageOf, webSearchesIn } from './responses'

/**
 * Chat completions: reasoning is billed on top of the completion, which doesn't include it. Where the total says that it
 * does, the total is believed. Responses: reasoning is inside of the output. Each source that a live search used is billed,
 * and each call of a search tool. https://docs.x.ai/docs/models
 */
export const xai: ProviderUsageFormat = {
  paths: [['response', 'usage'], ['usage']],
  marks: ['prompt_tokens', 'completion_tokens', 'input_tokens', 'output_tokens'],
  usageOf: (reported, context) => ({
    ...(reported.has('input_tokens') ? responsesUsageOf(reported, context) : chatTokensOf(reported, context)),
    webSearches: searchesCounted(reported),
  }),
  // Older bodies name the calls in their output alone.
  besides: (bodies) =>
    lastCounts(bodies, (body) => {
      const response = responseIn(body)
      const isCounted = response.object('usage').has('server_side_tool_usage_details')
      return isCounted ? {} : { webSearches: webSearchesIn(response) }
    }),
  servedOf: (body) => servedByOpenAi(responseIn(body)),
}

function chatTokensOf(reported: Reported, context: ReadingContext): Partial<Usage> {
  const usage = chatUsageOf(reported, context)
  const reasoning = reported.object('completion_tokens_details').count('reasoning_tokens') ?? 0n
  const completion = reported.count('completion_tokens') ?? 0n
  const isInside =
    reasoning <= completion && reported.count('total_tokens') === (usage.inputTokens ?? 0n) + completion
  return {
    ...usage,
    outputTokens: isInside ? completion : completion + reasoning,
    reasoningOutputTokens: reasoning,
  }
}

function searchesCounted(reported: Reported): bigint {
  const tools = reported.object('server_side_tool_usage_details')
  reported.understood('num_server_side_tools_used')
  return (
    (reported.count('num_sources_used') ?? 0n) +
    (tools.count('web_search_calls') ?? 0n) +
    (tools.count('x_search_calls') ?? 0n)
  )
}
