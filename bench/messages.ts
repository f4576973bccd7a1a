import type { ChargeUsageRequest } from '../src/wire/generated/tollgate/billing/v1/ChargeUsageRequest'
import type { PriceQuoteRequest } from '../src/wire/generated/tollgate/billing/v1/PriceQuoteRequest'

export const MODEL = { model: 'gpt-4o', provider: 'openai' }

export function chargeRequest(userId: string, idempotencyKey: string): ChargeUsageRequest {
  return {
    idempotencyKey,
    userId,
    ...MODEL,
    usage: { inputTokens: '1200', outputTokens: '350' },
    usageSource: 'USAGE_SOURCE_PROVIDER',
    apiKeyId: 'key-1',
    labels: { team: 'search' },
  }
}

export function quoteRequest(): PriceQuoteRequest {
  return { ...MODEL, usage: { inputTokens: '1200', outputTokens: '350' }, maxOutputTokens: '1000' }
}
