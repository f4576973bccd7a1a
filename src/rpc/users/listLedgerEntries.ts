import { listLedgerEntries } from '../../billing/users/listLedgerEntries'
import type { EntryFilter } from '../../database/ledgerEntries'
import { invalidField } from '../../domain/errors'
import type { ListLedgerEntriesRequest__Output } from '../../wire/generated/tollgate/billing/v1/ListLedgerEntriesRequest'
import type { ListLedgerEntriesResponse } from '../../wire/generated/tollgate/billing/v1/ListLedgerEntriesResponse'
import { enumValueOf, readId, readOptionalId, readPage, readTimestamp } from '../fields/read'
import { entryToWire } from '../fields/writeEntry'
import type { UnaryHandler } from '../server/unary'

const KINDS = {
  ENTRY_KIND_CHARGE: 'charge',
  ENTRY_KIND_GRANT: 'grant',
  ENTRY_KIND_REFUND: 'refund',
  ENTRY_KIND_HOLD: 'hold',
  ENTRY_KIND_SETTLEMENT: 'settlement',
  ENTRY_KIND_RELEASE: 'release',
  ENTRY_KIND_PROFILE: 'profile',
  ENTRY_KIND_ADJUSTMENT: 'adjustment',
} as const

export const handleListLedgerEntries: UnaryHandler<
  ListLedgerEntriesRequest__Output,
  ListLedgerEntriesResponse
> = async (billing, request) => {
  const { entries, nextPageToken } = await listLedgerEntries(billing, {
    ...readFilter(request),
    ...readPage(request),
  })
  return { entries: entries.map(entryToWire), nextPageToken }
}

function readFilter(request: ListLedgerEntriesRequest__Output): EntryFilter {
  const from = readTimestamp(request, 'from')
  const until = readTimestamp(request, 'until')
  if (from !== undefined && until !== undefined && until <= from) {
    throw invalidField('until', 'must be after from')
  }
  return {
    userId: readId(request, 'userId'),
    kinds: [
      ...new Set(
        request.kinds.map((kind, index) => enumValueOf(kind, { values: KINDS, path: `kinds[${index}]` })),
      ),
    ],
    ...(from !== undefined && { from }),
    ...(until !== undefined && { until }),
    apiKeyId: readOptionalId(request, 'apiKeyId'),
  }
}
