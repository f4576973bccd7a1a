import type { PriceChange } from '../../billing/prices/priceChanges'
import type { PriceChange as WirePriceChange } from '../../wire/generated/tollgate/billing/v1/PriceChange'
import { PRICE_CHANGE_STATES } from './enums'
import { timestampToWire } from './write'
import { priceToWire } from './writePrice'

export function priceChangeToWire(change: PriceChange): WirePriceChange {
  return {
    changeId: change.changeId,
    ...(change.before !== undefined && { before: priceToWire(change.before) }),
    after: priceToWire(change.after),
    state: PRICE_CHANGE_STATES.write(change.state),
    reason: change.reason,
    seenAt: timestampToWire(change.seenAt),
    actor: change.actor ?? '',
  }
}
