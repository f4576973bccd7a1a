import { getUser } from '../billing/getUser'
import type { GetUserRequest__Output } from '../wire/generated/tollgate/billing/v1/GetUserRequest'
import type { GetUserResponse } from '../wire/generated/tollgate/billing/v1/GetUserResponse'
import { readId } from './read'
import type { UnaryHandler } from './unary'
import { userToWire } from './writeUser'

export const handleGetUser: UnaryHandler<GetUserRequest__Output, GetUserResponse> = async (
  billing,
  request,
) => ({ user: userToWire(billing, await getUser(billing, readId(request, 'userId'))) })
