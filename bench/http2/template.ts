import { services } from '../../src/wire/definition'
import { KEY_LENGTH, nextKey } from '../keys'
import { chargeRequest, quoteRequest } from '../messages'
import { userIdOf } from '../users'
import { grpcMessage } from './frames'

const { ChargeUsage, PriceQuote, BatchChargeUsage } = services['tollgate.billing.v1.BillingService']

export type UnaryMethod = 'ChargeUsage' | 'PriceQuote' | 'BatchChargeUsage'

/** One encoded request, and the offsets where each call has its own user and key. */
export interface Template {
  path: string
  message: Buffer
  /** Charges in one message. */
  charges: number
  /** Writes a new user and key at every offset. */
  renew: (nextUser: () => string) => void
}

const KEY = '#'.repeat(KEY_LENGTH)
const USER = '@'.repeat(userIdOf(0).length)

export function templateOf(method: UnaryMethod, batchSize = 1): Template {
  switch (method) {
    case 'ChargeUsage':
      return template(ChargeUsage.path, ChargeUsage.requestSerialize(chargeRequest(USER, KEY)))
    case 'PriceQuote':
      return template(PriceQuote.path, PriceQuote.requestSerialize(quoteRequest()))
    case 'BatchChargeUsage': {
      const requests = Array.from({ length: batchSize }, () => chargeRequest(USER, KEY))
      return template(BatchChargeUsage.path, BatchChargeUsage.requestSerialize({ requests }))
    }
  }
}

function template(path: string, bytes: Buffer): Template {
  const message = grpcMessage(bytes)
  const keys = placesOf(message, KEY)
  const users = placesOf(message, USER)
  return {
    path,
    message,
    charges: keys.length,
    renew(nextUser) {
      for (const place of keys) message.write(nextKey(), place, 'latin1')
      for (const place of users) message.write(nextUser(), place, 'latin1')
    },
  }
}

function placesOf(message: Buffer, text: string): number[] {
  const places: number[] = []
  for (let at = message.indexOf(text); at >= 0; at = message.indexOf(text, at + text.length)) places.push(at)
  return places
}
