import { createHmac, timingSafeEqual } from 'node:crypto'
import { BillingError } from '../domain/errors'

/** A quote. It needs no table, because the id that the client cites is the signed quote itself. */
export interface Quote {
  priceId: string
  /** Pinned beside the version, because a deployment's markup may change. */
  markupBasisPoints: number
  /** Empty = for any user. */
  userId: string
  model: string
  provider: string
  pricedModel: string
  pricedProvider: string
  serviceTier: string
  expiresAt: Date
}

const PREFIX = 'qt_'
/** A whole SHA-256: the id is never typed. */
const SIGNATURE_BYTES = 32

/** The quote's id: its fields and an HMAC-SHA256 over them. */
export function issueQuote(key: Buffer, quote: Quote): string {
  const fields = Buffer.from(JSON.stringify(fieldsOf(quote)))
  return `${PREFIX}${Buffer.concat([signatureOf(key, fields), fields]).toString('base64url')}`
}

/** @throws BillingError QUOTE_INVALID where it isn't one that this deployment issued, to the letter. */
export function readQuote(key: Buffer, quoteId: string): Quote {
  const bytes = Buffer.from(quoteId.startsWith(PREFIX) ? quoteId.slice(PREFIX.length) : '', 'base64url')
  const signature = bytes.subarray(0, SIGNATURE_BYTES)
  const fields = bytes.subarray(SIGNATURE_BYTES)
  const isWhole = signature.length === SIGNATURE_BYTES && fields.length > 0
  if (!isWhole || !timingSafeEqual(signature, signatureOf(key, fields))) {
    throw new BillingError('QUOTE_INVALID', 'quote_id is not one that PriceQuote gave', { field: 'quote_id' })
  }
  // base64url is read leniently; an id that isn't the one issued would be stored and hashed as another.
  if (`${PREFIX}${bytes.toString('base64url')}` !== quoteId) {
    throw new BillingError('QUOTE_INVALID', 'quote_id was changed on its way', { field: 'quote_id' })
  }
  return quoteOf(JSON.parse(fields.toString()) as QuoteFields)
}

/** @throws BillingError QUOTE_MISMATCH where the call isn't the one that was quoted. */
export function checkQuote(
  quote: Quote,
  call: Pick<Quote, 'userId' | 'model' | 'provider' | 'serviceTier'>,
): void {
  if (quote.userId !== '' && quote.userId !== call.userId) throw mismatch('user_id')
  if (quote.model !== call.model) throw mismatch('model')
  if (quote.provider !== call.provider) throw mismatch('provider')
  if (quote.serviceTier !== call.serviceTier) throw mismatch('service_tier')
}

function mismatch(field: string): BillingError {
  return new BillingError('QUOTE_MISMATCH', `quote_id was given for another ${field}`, { field })
}

// An array, because its text has one form; a version first, so that fields can be added.
type QuoteFields = [1, string, number, string, string, string, string, string, string, number]

function fieldsOf(quote: Quote): QuoteFields {
  return [
    1,
    quote.priceId,
    quote.markupBasisPoints,
    quote.userId,
    quote.model,
    quote.provider,
    quote.pricedModel,
    quote.pricedProvider,
    quote.serviceTier,
    quote.expiresAt.getTime(),
  ]
}

function quoteOf(fields: QuoteFields): Quote {
  const [
    ,
    priceId,
    markupBasisPoints,
    userId,
    model,
    provider,
    pricedModel,
    pricedProvider,
    serviceTier,
    at,
  ] = fields
  const expiresAt = new Date(at)
  return {
    priceId,
    markupBasisPoints,
    userId,
    model,
    provider,
    pricedModel,
    pricedProvider,
    serviceTier,
    expiresAt,
  }
}

function signatureOf(key: Buffer, fields: Buffer): Buffer {
  return createHmac('sha256', key).update('tollgate quote\n').update(fields).digest()
}
