import { z } from 'zod'
import { type RatedCall, reportedCallOf } from '../../domain/ledger/charge'
import type { DeferredCharge } from '../../domain/ledger/deferred'
import { type ServingJson, servingFromJson, servingToJson } from '../../domain/ledger/serving'

/*
 * An entry as JSON: whole numbers as text, times in ISO 8601, hashes in base64. The whole entry is checked when it is read, so
 * that one which another release wrote differently is noticed, and never half understood.
 */

const decimal = z.string().regex(/^\d+(\.\d+)?$/)
const digits = z.string().regex(/^-?\d+$/)
const whole = digits.transform(BigInt)
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
  units: z.record(z.string(), whole).exactOptional(),
})

const conditions = { serviceTier: z.string(), speed: z.string(), geography: z.string() }
const stated = z
  .strictObject({
    ...conditions,
    model: z.string(),
    provider: z.string(),
    searchContextSize: z.string(),
  })
  .partial()
const ratedAs = z.strictObject({ ...conditions, rateBasisPoints: z.int() })
const priceSource = z.enum(['operator', 'live', 'stored', 'catalog', 'default', 'free', 'reported'])
const serving = z.strictObject({
  stated: stated.exactOptional(),
  unread: z.array(z.string()).exactOptional(),
  assumed: z.array(z.string()).exactOptional(),
  rated: ratedAs.exactOptional(),
  cost: z
    .strictObject({
      reported: digits,
      source: z.string().exactOptional(),
      rated: digits.exactOptional(),
    })
    .exactOptional(),
  parts: z
    .array(
      z.strictObject({
        stated: stated.exactOptional(),
        usage: z.record(z.string(), decimal),
        priced: z
          .strictObject({
            ...{ priceId: z.string(), model: z.string(), provider: z.string(), source: priceSource },
            ...{ markupBasisPoints: z.int(), quoteExpired: z.boolean() },
          })
          .exactOptional(),
        rated: ratedAs.exactOptional(),
      }),
    )
    .exactOptional(),
})

const storedCall = z.strictObject({
  model: z.string(),
  pricedModel: z.string(),
  provider: z.string(),
  pricedProvider: z.string(),
  priceId: z.string(),
  priceSource,
  markupBasisPoints: z.int(),
  serviceTier: z.string(),
  occurredAt: time,
  quoteId: z.string(),
  quoteExpired: z.boolean(),
  usage,
  usageSource: z.enum(['unspecified', 'provider', 'estimated']),
  apiKeyId: z.string(),
  labels: z.record(z.string(), z.string()),
  serving: serving.exactOptional(),
  costNanousd: whole,
  amountNanousd: whole,
})

const entry = z.strictObject({
  userId: z.string(),
  keyId: z.string(),
  idempotencyKey: z.string(),
  requestHash: bytes,
  actor: z.string().exactOptional(),
  acceptedAt: time,
  call: storedCall,
  uncoveredNanousd: whole,
  stream: z
    .strictObject({ end: z.enum(['unspecified', 'completed', 'cancelled', 'failed']) })
    .exactOptional(),
})

export function encodeEntry({ rated, requestHash, ...rest }: DeferredCharge): Buffer {
  const { userId, keyId, idempotencyKey, ...others } = rest
  const call = flatCallOf(rated)
  const plain = {
    userId,
    keyId,
    idempotencyKey,
    call,
    ...others,
    requestHash: requestHash.toString('base64'),
  }
  return Buffer.from(JSON.stringify(plain, (_, value) => (typeof value === 'bigint' ? String(value) : value)))
}

/** @throws Error where it isn't an entry as this release writes them */
export function decodeEntry(payload: Buffer): DeferredCharge {
  const { call, ...rest } = entry.parse(JSON.parse(payload.toString()))
  return { ...rest, rated: ratedCallOf(call) }
}

/** An entry has the call as one flat object. */
function flatCallOf({ reported, priced, serving: servedAs, ...rated }: RatedCall): {
  [Field in keyof z.input<typeof storedCall>]: unknown
} {
  return {
    usage: rated.usage,
    usageSource: rated.usageSource,
    costNanousd: rated.costNanousd,
    amountNanousd: rated.amountNanousd,
    model: reported.model,
    pricedModel: priced.model,
    provider: reported.provider,
    pricedProvider: priced.provider,
    priceId: priced.priceId,
    priceSource: priced.source,
    markupBasisPoints: priced.markupBasisPoints,
    serviceTier: reported.serviceTier,
    occurredAt: reported.occurredAt,
    quoteId: reported.quoteId,
    quoteExpired: priced.quoteExpired,
    apiKeyId: reported.apiKeyId,
    labels: reported.labels,
    ...(servedAs !== undefined && { serving: servingToJson(servedAs) }),
  }
}

function ratedCallOf(call: z.output<typeof storedCall>): RatedCall {
  return {
    reported: reportedCallOf(call, call.occurredAt),
    priced: {
      priceId: call.priceId,
      model: call.pricedModel,
      provider: call.pricedProvider,
      source: call.priceSource,
      markupBasisPoints: call.markupBasisPoints,
      quoteExpired: call.quoteExpired,
    },
    usage: call.usage,
    usageSource: call.usageSource,
    costNanousd: call.costNanousd,
    amountNanousd: call.amountNanousd,
    ...(call.serving !== undefined && { serving: servingFromJson(call.serving as ServingJson) }),
  }
}
