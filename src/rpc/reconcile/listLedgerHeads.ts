import { listLedgerHeads } from '../../billing/reconcile/ledgerHeads'
import type { ListLedgerHeadsRequest__Output } from '../../wire/generated/tollgate/billing/v1/ListLedgerHeadsRequest'
import type { ListLedgerHeadsResponse } from '../../wire/generated/tollgate/billing/v1/ListLedgerHeadsResponse'
import { readOptionalId, readPage } from '../fields/read'
import { integerToWire, timestampToWire } from '../fields/write'
import type { UnaryHandler } from '../server/unary'

export const handleListLedgerHeads: UnaryHandler<
  ListLedgerHeadsRequest__Output,
  ListLedgerHeadsResponse
> = async (billing, request) => {
  const { heads, nextPageToken } = await listLedgerHeads(billing, {
    ...readPage(request),
    userIdPrefix: readOptionalId(request, 'userIdPrefix'),
  })
  return {
    heads: heads.map(({ userId, version, hash, at }) => ({
      userId,
      version: integerToWire(version),
      hash,
      at: timestampToWire(at),
    })),
    nextPageToken,
  }
}
