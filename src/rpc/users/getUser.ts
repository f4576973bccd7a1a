import { getUser } from '../../billing/users/getUser'
import type { GetUserRequest__Output } from '../../wire/generated/tollgate/billing/v1/GetUserRequest'
import type { GetUserResponse } from '../../wire/generated/tollgate/billing/v1/GetUserResponse'
import { readId } from '../fields/read'
import { userToWire } from '../fields/writeUser'
import type { UnaryHandler } from '../server/unary'

export const handleGetUser: UnaryHandler<GetUserRequest__Output, GetUserResponse> = async (
  billing,
  request,
) => ({ user: userToWire(billing, await getUser(billing, readId(request, 'userId'))) })
