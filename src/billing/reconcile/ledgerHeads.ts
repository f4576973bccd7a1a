import { readAtHeads, readHeads } from '../../database/reconcile/heads'
import { checkHead, type LedgerHead } from '../../domain/ledger/ledgerHead'
import { ANY_TEXT, keyOfPageToken, type Page, pageOf, pageTokenOf } from '../../domain/page'
import type { Discrepancy } from '../../domain/reconcile/reconcile'
import { metrics } from '../../observability/metrics'
import type { Billing } from '../billing'

/** The heads of users' ledgers, by user. @throws BillingError INVALID_FIELD (`page_token`) */
export async function listLedgerHeads(
  { database }: Pick<Billing, 'database'>,
  request: Page & { userIdPrefix: string },
): Promise<{ heads: LedgerHead[]; nextPageToken: string }> {
  const [afterUserId = ''] = request.pageToken === '' ? [] : keyOfPageToken(request.pageToken, [ANY_TEXT])
  const rows = await readHeads(database, {
    userIdPrefix: request.userIdPrefix,
    afterUserId,
    limit: request.pageSize + 1,
  })
  const { page, nextPageToken } = pageOf(rows, request, ({ userId }) => pageTokenOf([userId]))
  return { heads: page, nextPageToken }
}

/** Ledgers that no longer continue from their exported heads. */
export async function reconcileHeads(
  { database }: Pick<Billing, 'database'>,
  heads: readonly Pick<LedgerHead, 'userId' | 'version' | 'hash'>[],
): Promise<Discrepancy[]> {
  const today = await readAtHeads(database, heads)
  const discrepancies = heads.flatMap((head, index) => checkHead(head, today[index] ?? {}) ?? [])
  metrics.reconciled({ users: 0, entries: 0, discrepancies })
  return discrepancies
}
