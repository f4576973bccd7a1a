import { createUser } from '../../billing/users/createUser'
import type { NewUser } from '../../database/users/userQueries'
import type { CreateUserRequest__Output } from '../../wire/generated/tollgate/billing/v1/CreateUserRequest'
import type { CreateUserResponse } from '../../wire/generated/tollgate/billing/v1/CreateUserResponse'
import { readId, readNanousd, readOptionalId, readTimestamp } from '../fields/read'
import { userToWire } from '../fields/writeUser'
import type { UnaryHandler } from '../server/unary'

export const handleCreateUser: UnaryHandler<CreateUserRequest__Output, CreateUserResponse> = async (
  billing,
  request,
) => ({ user: userToWire(billing, await createUser(billing, readRequest(request))) })

function readRequest(request: CreateUserRequest__Output): NewUser {
  const trialExpiresAt = readTimestamp(request, 'trialExpiresAt')
  return {
    userId: readId(request, 'userId'),
    tier: readOptionalId(request, 'tier'),
    stripeCustomerId: readOptionalId(request, 'stripeCustomerId'),
    stripeSubscriptionId: readOptionalId(request, 'stripeSubscriptionId'),
    isTrial: request.isTrial,
    ...(trialExpiresAt !== undefined && { trialExpiresAt }),
    dailyLimitNanousd: readNanousd(request, 'dailyLimitNanousd'),
    overdraftLimitNanousd: readNanousd(request, 'overdraftLimitNanousd'),
  }
}
