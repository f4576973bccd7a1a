import { listUserRows } from '../../database/users/userQueries'
import type { User } from '../../domain/ledger/user'
import { ANY_TEXT, keyOfPageToken, type Page, pageOf, pageTokenOf } from '../../domain/page'
import type { Billing } from '../billing'

/** Users by id. @throws BillingError INVALID_FIELD (`page_token`) */
export async function listUsers(
  { database }: Pick<Billing, 'database'>,
  request: Page & { userIdPrefix: string },
): Promise<{ users: User[]; nextPageToken: string }> {
  const [afterUserId = ''] = request.pageToken === '' ? [] : keyOfPageToken(request.pageToken, [ANY_TEXT])
  const rows = await listUserRows(database, {
    userIdPrefix: request.userIdPrefix,
    afterUserId,
    limit: request.pageSize + 1,
  })
  const { page, nextPageToken } = pageOf(rows, request, (user) => pageTokenOf([user.userId]))
  return { users: page, nextPageToken }
}
