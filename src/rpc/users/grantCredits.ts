import { type GrantCreditsRequest, grantCredits } from '../../billing/users/grantCredits'
import { BALANCE_NANOUSD_MAX } from '../../domain/money'
import type { GrantCreditsRequest__Output } from '../../wire/generated/tollgate/billing/v1/GrantCreditsRequest'
import type { GrantCreditsResponse } from '../../wire/generated/tollgate/billing/v1/GrantCreditsResponse'
import { GRANT_MODES, POTS } from '../fields/enums'
import { readId, readIdempotencyKey, readNanousd, readText } from '../fields/read'
import { entryToWire } from '../fields/writeEntry'
import type { UnaryHandler } from '../server/unary'

export const handleGrantCredits: UnaryHandler<GrantCreditsRequest__Output, GrantCreditsResponse> = async (
  billing,
  request,
  caller,
) => {
  const { entry, replayed } = await grantCredits(billing, readRequest(request), caller)
  return { entry: entryToWire({ entry }), replayed }
}

function readRequest(request: GrantCreditsRequest__Output): GrantCreditsRequest {
  return {
    idempotencyKey: readIdempotencyKey(request, 'idempotencyKey'),
    userId: readId(request, 'userId'),
    pot: POTS.read(request, 'pot'),
    amountNanousd: readNanousd(request, 'amountNanousd', { min: -BALANCE_NANOUSD_MAX }),
    reason: readText(request, 'reason'),
    mode: GRANT_MODES.read(request, 'mode'),
  }
}
