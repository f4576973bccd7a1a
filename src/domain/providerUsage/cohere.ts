import type { ProviderUsageFormat } from './format'
import { requiredCount } from './reported'

/**
 * What is billed is `billed_units`; `tokens` also counts what Cohere adds itself, and stands where nothing else does. The
 * usage is at `usage` (v2), at `meta` (v1), and in the last event of a stream.
 * https://docs.cohere.com/reference/chat
 */
export const cohere: ProviderUsageFormat = {
  paths: [['delta', 'usage'], ['response', 'meta'], ['usage'], ['meta']],
  marks: ['billed_units', 'tokens'],
  usageOf(reported) {
    const billed = reported.object(reported.has('billed_units') ? 'billed_units' : 'tokens')
    return {
      inputTokens: requiredCount(billed, 'input_tokens'),
      outputTokens: billed.count('output_tokens') ?? 0n,
    }
  },
}
