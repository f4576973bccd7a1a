import { SEARCH_UNIT, wholeUnits } from '../units'
import type { ProviderUsageFormat } from './format'
import { requiredCount } from './reported'

/**
 * What is billed is `billed_units`. `tokens` also counts what Cohere adds itself, and counts where nothing else is there. A
 * rerank is billed by the search unit. The usage is at `usage` (v2), at `meta` (v1), and in the last
 * event of a stream. https://docs.cohere.com/reference/chat, https://docs.cohere.com/reference/rerank
 */
export const cohere: ProviderUsageFormat = {
  paths: [['delta', 'usage'], ['response', 'meta'], ['usage'], ['meta']],
  marks: ['billed_units', 'tokens'],
  usageOf(reported) {
    const billed = reported.object(reported.has('billed_units') ? 'billed_units' : 'tokens')
    if (reported.has('billed_units')) reported.understood('tokens')
    // Those that it counts are billed as all others.
    reported.understood('cached_tokens')
    const searchUnits = billed.count('search_units')
    if (searchUnits !== undefined && !billed.has('input_tokens')) {
      const units = wholeUnits({ [SEARCH_UNIT]: searchUnits })
      return units === undefined ? {} : { units }
    }
    return {
      inputTokens: requiredCount(billed, 'input_tokens'),
      outputTokens: billed.count('output_tokens') ?? 0n,
    }
  },
  servedOf: (body) => ({ model: body.text('model') ?? '' }),
}
