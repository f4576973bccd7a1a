import type { ChargeUsageRequest } from '../src/wire/generated/tollgate/billing/v1/ChargeUsageRequest'
import type { PriceQuoteRequest } from '../src/wire/generated/tollgate/billing/v1/PriceQuoteRequest'
import type { StreamOpen } from '../src/wire/generated/tollgate/billing/v1/StreamOpen'

const MODEL = { model: 'gpt-4o', provider: 'openai' }

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

export function openRequest(userId: string, idempotencyKey: string): StreamOpen {
  return {
    idempotencyKey,
    userId,
    ...MODEL,
    apiKeyId: 'key-1',
    labels: { team: 'search' },
    inputTokens: '1200',
  }
}
