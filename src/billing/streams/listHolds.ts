import { listHoldRows } from '../../database/holds/holds'
import type { Hold } from '../../domain/ledger/hold'
import type { KeyRef } from '../../domain/ledger/keyRef'
import { ANY_TEXT, KEY_ID, keyOfPageToken, type Page, pageOf, pageTokenOf } from '../../domain/page'
import type { Billing } from '../billing'

/** What open streams reserve, of one user or (`userId` empty) of everybody. @throws BillingError INVALID_FIELD (`page_token`) */
export async function listHolds(
  { database }: Pick<Billing, 'database'>,
  request: Page & { userId: string },
): Promise<{ holds: Hold[]; nextPageToken: string }> {
  const rows = await listHoldRows(database, {
    userId: request.userId,
    after: request.pageToken === '' ? undefined : holdOfToken(request.pageToken),
    limit: request.pageSize + 1,
  })
  const { page, nextPageToken } = pageOf(rows, request, (hold) => pageTokenOf([hold.userId, hold.keyId]))
  return { holds: page, nextPageToken }
}

function holdOfToken(pageToken: string): KeyRef {
  const [userId = '', keyId = ''] = keyOfPageToken(pageToken, [ANY_TEXT, KEY_ID])
  return { userId, keyId }
}
