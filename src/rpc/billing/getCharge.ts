import { type FoundCharge, getCharge } from '../../billing/charges/getCharge'
import { invalidField } from '../../domain/errors'
import { keyIdOf } from '../../domain/ledger/ids'
import type { Charge } from '../../wire/generated/tollgate/billing/v1/Charge'
import type { GetChargeRequest__Output } from '../../wire/generated/tollgate/billing/v1/GetChargeRequest'
import type { GetChargeResponse } from '../../wire/generated/tollgate/billing/v1/GetChargeResponse'
import { readId, readIdempotencyKey, readPublicId } from '../fields/read'
import { chargeToWire, failedChargeToWire } from '../fields/writeCharge'
import { deferredChargeToWire } from '../fields/writeDeferred'
import type { UnaryHandler } from '../server/unary'

export const handleGetCharge: UnaryHandler<GetChargeRequest__Output, GetChargeResponse> = async (
  billing,
  request,
) => {
  const userId = readId(request, 'userId')
  const found = await getCharge(billing, { userId, keyId: readKeyId(request, userId) })
  return { charge: foundToWire(found) }
}

function foundToWire(found: FoundCharge): Charge {
  if ('deferred' in found) return deferredChargeToWire(found.deferred)
  if ('failure' in found) return failedChargeToWire(found.failure)
  return chargeToWire(found.receipt, found.idempotencyKey)
}

/** A charge's id derives from its key, so either identifies it. */
function readKeyId({ chargeId, idempotencyKey }: GetChargeRequest__Output, userId: string): string {
  if (chargeId !== undefined) return readPublicId({ chargeId }, 'chargeId', { prefix: 'ch' })
  if (idempotencyKey !== undefined) {
    return keyIdOf(userId, readIdempotencyKey({ idempotencyKey }, 'idempotencyKey'))
  }
  throw invalidField('by', 'must be set: either charge_id or idempotency_key')
}
