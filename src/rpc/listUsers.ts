import { listUsers } from '../billing/listUsers'
import type { ListUsersRequest__Output } from '../wire/generated/tollgate/billing/v1/ListUsersRequest'
import type { ListUsersResponse } from '../wire/generated/tollgate/billing/v1/ListUsersResponse'
import { readOptionalId, readPage } from './read'
import type { UnaryHandler } from './unary'
import { userToWire } from './writeUser'

export const handleListUsers: UnaryHandler<ListUsersRequest__Output, ListUsersResponse> = async (
  billing,
  request,
) => {
  const { users, nextPageToken } = await listUsers(billing, {
    ...readPage(request),
    userIdPrefix: readOptionalId(request, 'userIdPrefix'),
  })
  return { users: users.map((user) => userToWire(billing, user)), nextPageToken }
}
