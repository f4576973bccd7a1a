import { type FailureFilter, type FailurePageKey, listFailureRows } from '../../database/deductionFailures'
import type { DeductionFailure } from '../../domain/ledger/failure'
import {
  ANY_TEXT,
  INSTANT_MS,
  KEY_ID,
  keyOfPageToken,
  type Page,
  pageOf,
  pageTokenOf,
} from '../../domain/page'
import type { Billing } from '../billing'

/** Finished calls that went unpaid, oldest first. @throws BillingError INVALID_FIELD (`page_token`) */
export async function listDeductionFailures(
  { database }: Pick<Billing, 'database'>,
  request: FailureFilter & Page,
): Promise<{ failures: DeductionFailure[]; nextPageToken: string }> {
  const rows = await listFailureRows(database, request, {
    after: request.pageToken === '' ? undefined : failureOfToken(request.pageToken),
    limit: request.pageSize + 1,
  })
  const { page, nextPageToken } = pageOf(rows, request, ({ createdAt, userId, keyId }) =>
    pageTokenOf([String(createdAt.getTime()), userId, keyId]),
  )
  return { failures: page, nextPageToken }
}

function failureOfToken(pageToken: string): FailurePageKey {
  const [createdAtMs = '', userId = '', keyId = ''] = keyOfPageToken(pageToken, [
    INSTANT_MS,
    ANY_TEXT,
    KEY_ID,
  ])
  return { createdAt: new Date(Number(createdAtMs)), userId, keyId }
}
