import { decidePriceChange } from '../../billing/prices/priceChanges'
import type { DecidePriceChangeRequest__Output } from '../../wire/generated/tollgate/billing/v1/DecidePriceChangeRequest'
import type { DecidePriceChangeResponse } from '../../wire/generated/tollgate/billing/v1/DecidePriceChangeResponse'
import { readId } from '../fields/read'
import { priceChangeToWire } from '../fields/writePriceChange'
import type { UnaryHandler } from '../server/unary'

export const handleDecidePriceChange: UnaryHandler<
  DecidePriceChangeRequest__Output,
  DecidePriceChangeResponse
> = async (billing, request, caller) => {
  const decision = { changeId: readId(request, 'changeId'), approve: request.approve }
  const change = await decidePriceChange(billing, decision, caller)
  return { change: priceChangeToWire(change) }
}
