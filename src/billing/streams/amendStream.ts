import { HoldMoved } from '../../domain/decide/holdRefusals'
import { BillingError } from '../../domain/errors'
import type { Actor } from '../../domain/ledger/actor'
import type { RatedCall } from '../../domain/ledger/charge'
import { asChargeEntry } from '../../domain/ledger/entry'
import type { Hold } from '../../domain/ledger/hold'
import type { Ending, Settlement, StreamEffect, StreamEvent } from '../../domain/stream/state'
import { metrics } from '../../observability/metrics'
import type { Billing } from '../billing'
import { withFreshHold } from './freshHold'
import { refuseClose } from './refuseClose'
import { derivedKeyOf, endingFields, rateHold } from './streamPostings'

/**
 * Corrects a stream that was settled by expiry to what its client reports late. The first correction is final: a later one,
 * and one that comes after its time, gets the receipt as it is.
 */
export function amendStream(
  billing: Billing,
  { settlement, ending, unreadable }: Omit<Extract<StreamEffect, { do: 'amend' }>, 'do'>,
  actor: Actor,
): Promise<StreamEvent> {
  const { userId, holdKeyId = '' } = settlement.entry
  let wasDecided = false
  return withFreshHold(billing, { userId, keyId: holdKeyId }, async ({ hold, settlement: stored }) => {
    if (stored === undefined) throw new Error(`hold ${holdKeyId} was settled, and is not`)
    if (stored.amendableUntil === undefined) return asItIs(stored)
    if (unreadable !== undefined)
      return await refuseClose(billing, { hold, ending, error: unreadable }, actor)
    let rated: RatedCall
    try {
      rated = await rateHold(billing, hold, ending)
    } catch (error) {
      return error instanceof BillingError
        ? await refuseClose(billing, { hold, ending, error }, actor)
        : { type: 'failed', error }
    }
    try {
      return await adjust(billing, { hold, stored, ending, rated }, actor)
    } catch (error) {
      if (!(error instanceof BillingError && error.reason === 'ALREADY_DECIDED')) throw error
      // Another close may have been faster, which the next read shows. Or it is too late by the database's clock.
      if (wasDecided) return asItIs(stored)
      wasDecided = true
      throw new HoldMoved()
    }
  })
}

function asItIs({ amendableUntil: _until, ...settlement }: Settlement): StreamEvent {
  return { type: 'settled', settlement, replayed: true }
}

async function adjust(
  billing: Billing,
  { hold, stored, ending, rated }: { hold: Hold; stored: Settlement; ending: Ending; rated: RatedCall },
  actor: Actor,
): Promise<StreamEvent> {
  const posted = await billing.ledger.post({
    ...derivedKeyOf(hold, 'amend', endingFields(ending)),
    type: 'adjust',
    actor,
    settlement: stored.entry,
    rated,
    end: ending.end,
  })
  const entry = asChargeEntry(posted.entry)
  if (!posted.replayed) {
    metrics.adjusted(entry)
    metrics.streamAmended()
  }
  const { amendableUntil: _until, ...settlement } = stored
  return { type: 'settled', settlement: { ...settlement, adjustment: entry }, replayed: posted.replayed }
}
