import { priceCall } from '../../src/billing/charges/priceCall'
import { readConfig } from '../../src/config/config'
import type { ConnectionSettings } from '../../src/database/database'
import type { Posting } from '../../src/domain/decide/posting'
import type { RatedCall } from '../../src/domain/ledger/charge'
import { keyIdOf } from '../../src/domain/ledger/ids'
import { NO_USAGE } from '../../src/domain/usage/usage'
import { LedgerEngine } from '../../src/ledger/engine'
import { nextKey } from '../keys'
import { userIdOf } from '../users'
import { nextCharge } from './posting'
import { withReadable } from './reconcilable'

const IN_FLIGHT = 1_024
const GRANTED_NANOUSD = 10n ** 17n

/**
 * Fills a ledger through the engine, so that it balances to the nano-dollar: each user's grant, then charges of a call whose
 * price is in the catalog, in turns. Returns that call.
 */
export async function fillLedger({
  connection,
  userCount,
  entryCount,
}: {
  connection: ConnectionSettings
  userCount: number
  entryCount: number
}): Promise<RatedCall> {
  const call = await pricedCall(connection)
  const { ledger: settings, trial } = readConfig({})
  const ledger = new LedgerEngine({ ...settings, connection, rules: { trial } })
  await ledger.start()
  let posted = 0
  const postOn = async () => {
    while (posted < entryCount) {
      const number = posted++
      const userId = userIdOf(1 + (number % userCount))
      await ledger.post(number < userCount ? grantTo(userId) : nextCharge(userId, call))
    }
  }
  try {
    await Promise.all(Array.from({ length: Math.min(IN_FLIGHT, userCount * 256) }, postOn))
    return call
  } finally {
    await ledger.drain()
  }
}

function grantTo(userId: string): Posting {
  const idempotencyKey = nextKey()
  return {
    type: 'grant',
    actor: 'bench',
    userId,
    keyId: keyIdOf(userId, idempotencyKey),
    idempotencyKey,
    requestHash: Buffer.alloc(32, 1),
    pot: 'credits',
    amountNanousd: GRANTED_NANOUSD,
    mode: 'add',
    reason: '',
  }
}

function pricedCall(connection: ConnectionSettings): Promise<RatedCall> {
  const { chargeNanousdMax, summaryMsMax } = readConfig({})
  return withReadable(connection, ({ prices }) =>
    priceCall(
      { prices, limits: { chargeNanousdMax, summaryMsMax } },
      {
        userId: userIdOf(1),
        call: {
          model: 'gpt-4o',
          provider: 'openai',
          serviceTier: '',
          quoteId: '',
          apiKeyId: 'key-1',
          labels: { team: 'search' },
        },
        now: new Date(),
        purpose: 'charge',
        usage: { ...NO_USAGE, inputTokens: 1_200n, outputTokens: 350n },
        usageSource: 'provider',
      },
    ),
  )
}
