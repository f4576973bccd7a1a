import { listUsers } from '../../billing/users/listUsers'
import { mapInSlices } from '../../timing/slices'
import type { ListUsersRequest__Output } from '../../wire/generated/tollgate/billing/v1/ListUsersRequest'
import type { ListUsersResponse } from '../../wire/generated/tollgate/billing/v1/ListUsersResponse'
import { readOptionalId, readPage } from '../fields/read'
import { userToWire } from '../fields/writeUser'
import type { UnaryHandler } from '../server/unary'

export const handleListUsers: UnaryHandler<ListUsersRequest__Output, ListUsersResponse> = async (
  billing,
  request,
) => {
  const { users, nextPageToken } = await listUsers(billing, {
    ...readPage(request),
    userIdPrefix: readOptionalId(request, 'userIdPrefix'),
  })
  return { users: await mapInSlices(users, (user) => userToWire(billing, user)), nextPageToken }
}
