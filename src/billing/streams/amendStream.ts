import { findHold } from '../../database/holds/holds'
import type { AdjustPosting } from '../../domain/decide/posting'
import { BillingError } from '../../domain/errors'
import type { RatedCall } from '../../domain/ledger/charge'
import type { Hold } from '../../domain/ledger/hold'
import { usageFields } from '../../domain/ledger/requestHash'
import type { Ending, Settlement, StreamEffect, StreamEvent } from '../../domain/stream/state'
import { metrics } from '../../observability/metrics'
import type { Billing } from '../billing'
import { fewAtOnce } from '../withConcurrencyLimit'
import { refuseClose } from './refuseClose'
import { derivedKeyOf, isMoved, rateHold, settlementOf } from './streamPostings'

const ATTEMPTS_MAX = 3

/**
 * Corrects a stream that was settled by expiry to what its client reports late. The first that does so is final: any
 * other, and one that comes after the time for it, gets the receipt as it stands.
 */
export async function amendStream(
  billing: Billing,
  { settlement, ending }: Extract<StreamEffect, { do: 'amend' }>,
): Promise<StreamEvent> {
  const { userId, holdKeyId = '' } = settlement.entry
  for (let attempt = 1; ; attempt++) {
    const { hold, stored } = await fewAtOnce(async () => {
      const hold = await findHold(billing.database, { userId, keyId: holdKeyId })
      return { hold, stored: hold && (await settlementOf(billing, hold)) }
    })
    if (hold === undefined || stored === undefined)
      throw new Error(`hold ${holdKeyId} was settled, and is not`)
    if (stored.amendableUntil === undefined) return asItStands(stored)
    let call: RatedCall
    try {
      call = await rateHold(billing, hold, ending)
    } catch (error) {
      return error instanceof BillingError
        ? await refuseClose(billing, { hold, ending, error })
        : { type: 'failed', error }
    }
    try {
      return await adjust(billing, { hold, stored, ending, call })
    } catch (error) {
      if (!(error instanceof BillingError)) throw error
      // Too late by the database's clock, or somebody was faster: then the next look tells.
      if (error.reason === 'ALREADY_DECIDED' && attempt > 1) return asItStands(stored)
      if (attempt === ATTEMPTS_MAX || !(isMoved(error) || error.reason === 'ALREADY_DECIDED')) throw error
    }
  }
}

function asItStands({ amendableUntil: _until, ...settlement }: Settlement): StreamEvent {
  return { type: 'settled', settlement, replayed: true }
}

async function adjust(
  billing: Billing,
  { hold, stored, ending, call }: { hold: Hold; stored: Settlement; ending: Ending; call: RatedCall },
): Promise<StreamEvent> {
  const posting: AdjustPosting = {
    ...derivedKeyOf(hold, 'amend', {
      usage: usageFields(ending.usage),
      usageSource: ending.usageSource,
      end: ending.end,
    }),
    type: 'adjust',
    settlement: stored.entry,
    call,
    end: ending.end,
  }
  const { entry, replayed } = await billing.ledger.post(posting)
  if (!replayed) {
    metrics.adjusted(entry)
    metrics.streamAmended()
  }
  const { amendableUntil: _until, ...settlement } = stored
  return { type: 'settled', settlement: { ...settlement, adjustment: entry }, replayed }
}
