import { z } from 'zod'
import type { DeferredCharge } from '../../domain/ledger/deferred'

/*
 * An entry as JSON: whole numbers as text, times in ISO 8601, hashes in base64. What is read is checked as a whole, so that
 * an entry that an older release wrote differently is noticed, and never half understood.
 */

const whole = z
  .string()
  .regex(/^-?\d+$/)
  .transform(BigInt)
const time = z.iso.datetime().transform((text) => new Date(text))
const bytes = z.base64().transform((text) => Buffer.from(text, 'base64'))

const usage = z.strictObject({
  inputTokens: whole,
  outputTokens: whole,
  cacheReadInputTokens: whole,
  cacheCreationInputTokens: whole,
  cacheCreation1hInputTokens: whole,
  reasoningOutputTokens: whole,
  audioInputTokens: whole,
  audioCacheReadInputTokens: whole,
  audioOutputTokens: whole,
  imageInputTokens: whole,
  imageCacheReadInputTokens: whole,
  imageOutputTokens: whole,
  citationOutputTokens: whole,
  webSearches: whole,
  requests: whole.exactOptional(),
})

const call = z.strictObject({
  model: z.string(),
  pricedModel: z.string(),
  provider: z.string(),
  pricedProvider: z.string(),
  priceId: z.string(),
  priceSource: z.enum(['operator', 'live', 'stored', 'catalog', 'default', 'free']),
  markupBasisPoints: z.int(),
  serviceTier: z.string(),
  occurredAt: time,
  quoteId: z.string(),
  quoteExpired: z.boolean(),
  usage,
  usageSource: z.enum(['unspecified', 'provider', 'estimated']),
  apiKeyId: z.string(),
  labels: z.record(z.string(), z.string()),
  costNanousd: whole,
  amountNanousd: whole,
})

const entry = z.strictObject({
  userId: z.string(),
  keyId: z.string(),
  idempotencyKey: z.string(),
  requestHash: bytes,
  acceptedAt: time,
  call,
  uncoveredNanousd: whole,
  stream: z
    .strictObject({ end: z.enum(['unspecified', 'completed', 'cancelled', 'failed']) })
    .exactOptional(),
})

export function encodeEntry(deferred: DeferredCharge): Buffer {
  const { requestHash, ...rest } = deferred
  const plain = { ...rest, requestHash: requestHash.toString('base64') }
  return Buffer.from(JSON.stringify(plain, (_, value) => (typeof value === 'bigint' ? String(value) : value)))
}

/** @throws Error where it isn't an entry as this release writes them */
export function decodeEntry(payload: Buffer): DeferredCharge {
  return entry.parse(JSON.parse(payload.toString()))
}
