import { type UpdateUserRequest, updateUser } from '../../billing/users/updateUser'
import { invalidField } from '../../domain/errors'
import type { ProfileChanges } from '../../domain/ledger/profile'
import type { UpdateUserRequest__Output } from '../../wire/generated/tollgate/billing/v1/UpdateUserRequest'
import type { UpdateUserResponse } from '../../wire/generated/tollgate/billing/v1/UpdateUserResponse'
import {
  readId,
  readNanousd,
  readOptionalId,
  readOptionalIdempotencyKey,
  readTimestamp,
} from '../fields/read'
import { userToWire } from '../fields/writeUser'
import type { UnaryHandler } from '../server/unary'

export const handleUpdateUser: UnaryHandler<UpdateUserRequest__Output, UpdateUserResponse> = async (
  billing,
  request,
  caller,
) => ({ user: userToWire(billing, await updateUser(billing, readRequest(request), caller)) })

function readRequest(request: UpdateUserRequest__Output): UpdateUserRequest {
  return {
    idempotencyKey: readOptionalIdempotencyKey(request, 'idempotencyKey'),
    userId: readId(request, 'userId'),
    changes: readChanges(request),
  }
}

/** Only the fields that are set. */
function readChanges(request: UpdateUserRequest__Output): ProfileChanges {
  const { tier, stripeCustomerId, stripeSubscriptionId, isTrial, suspended } = request
  const { dailyLimitNanousd, overdraftLimitNanousd, clearTrialExpiresAt } = request
  const trialExpiresAt = readTimestamp(request, 'trialExpiresAt')
  if (clearTrialExpiresAt && trialExpiresAt !== undefined) {
    throw invalidField('clear_trial_expires_at', 'must not be set together with trial_expires_at')
  }
  return {
    ...(tier !== undefined && { tier: readOptionalId({ tier }, 'tier') }),
    ...(stripeCustomerId !== undefined && {
      stripeCustomerId: readOptionalId({ stripeCustomerId }, 'stripeCustomerId'),
    }),
    ...(stripeSubscriptionId !== undefined && {
      stripeSubscriptionId: readOptionalId({ stripeSubscriptionId }, 'stripeSubscriptionId'),
    }),
    ...(isTrial !== undefined && { isTrial }),
    ...(trialExpiresAt !== undefined && { trialExpiresAt }),
    ...(clearTrialExpiresAt && { trialExpiresAt: 'never' as const }),
    ...(dailyLimitNanousd !== undefined && {
      dailyLimitNanousd: readNanousd({ dailyLimitNanousd }, 'dailyLimitNanousd'),
    }),
    ...(overdraftLimitNanousd !== undefined && {
      overdraftLimitNanousd: readNanousd({ overdraftLimitNanousd }, 'overdraftLimitNanousd'),
    }),
    ...(suspended !== undefined && { suspended }),
  }
}
