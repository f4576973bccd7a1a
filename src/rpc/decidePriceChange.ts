import { decidePriceChange } from '../billing/priceChanges'
import type { DecidePriceChangeRequest__Output } from '../wire/generated/tollgate/billing/v1/DecidePriceChangeRequest'
import type { DecidePriceChangeResponse } from '../wire/generated/tollgate/billing/v1/DecidePriceChangeResponse'
import { readId } from './read'
import type { UnaryHandler } from './unary'
import { priceChangeToWire } from './writePriceChange'

export const handleDecidePriceChange: UnaryHandler<
  DecidePriceChangeRequest__Output,
  DecidePriceChangeResponse
> = async (billing, request) => {
  const change = await decidePriceChange(billing, {
    changeId: readId(request, 'changeId'),
    approve: request.approve,
  })
  return { change: priceChangeToWire(change) }
}
