import { createHash } from 'node:crypto'
import type { ChargePosting } from '../../src/domain/decide/posting'
import type { RatedCall } from '../../src/domain/ledger/charge'
import { keyIdOf } from '../../src/domain/ledger/ids'
import { NO_USAGE } from '../../src/domain/usage/usage'
import { nextKey } from '../keys'

export const CALL: RatedCall = {
  reported: {
    model: 'gpt-4o',
    provider: 'openai',
    serviceTier: '',
    quoteId: '',
    apiKeyId: 'key-1',
    labels: { team: 'search' },
    occurredAt: new Date(),
  },
  priced: {
    priceId: 'price-1',
    model: 'gpt-4o',
    provider: 'openai',
    source: 'catalog',
    markupBasisPoints: 0,
    quoteExpired: false,
  },
  usage: { ...NO_USAGE, inputTokens: 1_200n, outputTokens: 350n },
  usageSource: 'provider',
  costNanousd: 1_000n,
  amountNanousd: 1_000n,
}

// The use case hashes the request before it calls the engine.
const REQUEST_HASH = createHash('sha256').update('a charge').digest()

/** A charge under a new key, as the use case passes it to the engine. */
export function nextCharge(userId: string, rated = CALL): ChargePosting {
  const idempotencyKey = nextKey()
  return {
    type: 'charge',
    actor: 'bench',
    userId,
    keyId: keyIdOf(userId, idempotencyKey),
    idempotencyKey,
    requestHash: REQUEST_HASH,
    rated,
    from: 'call',
  }
}
