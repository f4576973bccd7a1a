import { BillingError } from '../errors'

export function protocol(message: string): BillingError {
  return new BillingError('STREAM_PROTOCOL', message)
}

export function fenced(): BillingError {
  return new BillingError('STREAM_FENCED', 'another connection has taken this stream over')
}

export function shuttingDown(): BillingError {
  return new BillingError(
    'SHUTTING_DOWN',
    'this server is stopping; open the stream again with the same key',
    { retryAfterMs: 1_000 },
  )
}

export function movedTooOften(): BillingError {
  return new BillingError(
    'CONCURRENT_MODIFICATION',
    'the stream kept changing; open it again with the same key',
  )
}

export function anomaly(): BillingError {
  return new BillingError(
    'PRICE_ANOMALY',
    'this usage costs more than one charge may: check its units; the stream stays at the progress before it',
    { metadata: { anomaly: 'above' } },
  )
}
