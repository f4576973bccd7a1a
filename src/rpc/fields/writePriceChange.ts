import type { PriceChange } from '../../billing/prices/priceChanges'
import type { PriceChange as WirePriceChange } from '../../wire/generated/tollgate/billing/v1/PriceChange'
import { timestampToWire } from './write'
import { priceToWire } from './writePrice'

const STATE_NAMES = {
  applied: 'PRICE_CHANGE_STATE_APPLIED',
  'held-back': 'PRICE_CHANGE_STATE_HELD_BACK',
  rejected: 'PRICE_CHANGE_STATE_REJECTED',
} as const satisfies Record<PriceChange['state'], string>

export function priceChangeToWire(change: PriceChange): WirePriceChange {
  return {
    changeId: change.changeId,
    ...(change.before !== undefined && { before: priceToWire(change.before) }),
    after: priceToWire(change.after),
    state: STATE_NAMES[change.state],
    reason: change.reason,
    seenAt: timestampToWire(change.seenAt),
  }
}
