import { listLedgerEntries } from '../../billing/users/listLedgerEntries'
import type { EntryFilter } from '../../database/ledgerEntries'
import { invalidField } from '../../domain/errors'
import { mapInSlices } from '../../timing/slices'
import type { ListLedgerEntriesRequest__Output } from '../../wire/generated/tollgate/billing/v1/ListLedgerEntriesRequest'
import type { ListLedgerEntriesResponse } from '../../wire/generated/tollgate/billing/v1/ListLedgerEntriesResponse'
import { ENTRY_KINDS } from '../fields/enums'
import { readId, readOptionalId, readPage, readTimestamp } from '../fields/read'
import { entryToWire } from '../fields/writeEntry'
import type { UnaryHandler } from '../server/unary'

export const handleListLedgerEntries: UnaryHandler<
  ListLedgerEntriesRequest__Output,
  ListLedgerEntriesResponse
> = async (billing, request) => {
  const { entries, nextPageToken } = await listLedgerEntries(billing, {
    ...readFilter(request),
    ...readPage(request),
  })
  return { entries: await mapInSlices(entries, entryToWire), nextPageToken }
}

function readFilter(request: ListLedgerEntriesRequest__Output): EntryFilter {
  const from = readTimestamp(request, 'from')
  const until = readTimestamp(request, 'until')
  if (from !== undefined && until !== undefined && until <= from) {
    throw invalidField('until', 'must be after from')
  }
  return {
    userId: readId(request, 'userId'),
    kinds: [...new Set(request.kinds.map((kind, index) => ENTRY_KINDS.readName(kind, `kinds[${index}]`)))],
    ...(from !== undefined && { from }),
    ...(until !== undefined && { until }),
    apiKeyId: readOptionalId(request, 'apiKeyId'),
  }
}
