import { listLedgerHeads } from '../billing/ledgerHeads'
import type { ListLedgerHeadsRequest__Output } from '../wire/generated/tollgate/billing/v1/ListLedgerHeadsRequest'
import type { ListLedgerHeadsResponse } from '../wire/generated/tollgate/billing/v1/ListLedgerHeadsResponse'
import { readOptionalId, readPage } from './read'
import type { UnaryHandler } from './unary'
import { integerToWire, timestampToWire } from './write'

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
