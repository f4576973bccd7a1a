import { listPriceChanges } from '../../billing/prices/priceChanges'
import type { ListPriceChangesRequest__Output } from '../../wire/generated/tollgate/billing/v1/ListPriceChangesRequest'
import type { ListPriceChangesResponse } from '../../wire/generated/tollgate/billing/v1/ListPriceChangesResponse'
import { readEnum, readPage } from '../fields/read'
import { priceChangeToWire } from '../fields/writePriceChange'
import type { UnaryHandler } from '../server/unary'

const STATES = {
  PRICE_CHANGE_STATE_UNSPECIFIED: 'any',
  PRICE_CHANGE_STATE_APPLIED: 'applied',
  PRICE_CHANGE_STATE_HELD_BACK: 'held-back',
  PRICE_CHANGE_STATE_REJECTED: 'rejected',
} as const

export const handleListPriceChanges: UnaryHandler<
  ListPriceChangesRequest__Output,
  ListPriceChangesResponse
> = async (billing, request) => {
  const state = readEnum(request, 'state', { values: STATES })
  const { changes, nextPageToken } = await listPriceChanges(billing, {
    ...readPage(request),
    ...(state !== 'any' && { state }),
  })
  return { changes: changes.map(priceChangeToWire), nextPageToken }
}
