import { listUserRows } from '../../database/users/userQueries'
import type { User } from '../../domain/ledger/user'
import { ANY_TEXT, keyOfPageToken, pageTokenOf } from '../../domain/pageToken'
import type { Billing } from '../billing'
import { type Page, pageOf } from '../page'

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
