import { findHoldKeys } from '../../database/holds/holds'
import { type EntryFilter, listEntryRows } from '../../database/ledgerEntries'
import { isChargeEntry, type LedgerEntry } from '../../domain/ledger/entry'
import { keyOfPageToken, type Page, pageOf, pageTokenOf } from '../../domain/page'
import { mapInSlices, Slices } from '../../timing/slices'
import type { Billing } from '../billing'
import { type Receipt, receiptOf } from '../charges/receipt'
import { getUser } from './getUser'

/** Rows of one read: their bytes are parsed in one turn of the event loop. */
const ROWS_PER_READ = 100
const VERSION = /^\d{1,18}$/

/** An entry as it is shown: a charge or settlement with its receipt, under the key that the client gave. */
export interface ShownEntry {
  entry: LedgerEntry
  charged?: { receipt: Receipt; idempotencyKey: string }
}

/**
 * A user's ledger, newest first. A page continues where the one before it ended, whatever was posted in the meantime.
 *
 * @throws BillingError USER_NOT_FOUND, INVALID_FIELD (`page_token`)
 */
export async function listLedgerEntries(
  billing: Pick<Billing, 'database' | 'prices'>,
  request: EntryFilter & Page,
): Promise<{ entries: ShownEntry[]; nextPageToken: string }> {
  const [version] = request.pageToken === '' ? [] : keyOfPageToken(request.pageToken, [VERSION])
  const rows = await readInParts(billing, request, version === undefined ? undefined : BigInt(version))
  if (rows.length === 0) await getUser(billing, request.userId)
  const { page, nextPageToken } = pageOf(rows, request, (entry) => pageTokenOf([entry.version.toString()]))
  const keys = await findHoldKeys(billing.database, {
    userId: request.userId,
    keyIds: page.flatMap(({ charge, holdKeyId }) => (charge !== undefined && holdKeyId) || []),
  })
  return { entries: await mapInSlices(page, (entry) => shown(billing, entry, keys)), nextPageToken }
}

/** One more than a page, read in parts. Entries never change, so the parts fit together. */
async function readInParts(
  { database }: Pick<Billing, 'database'>,
  request: EntryFilter & Page,
  from: bigint | undefined,
): Promise<LedgerEntry[]> {
  const slices = new Slices()
  const rows: LedgerEntry[] = []
  const rowsMax = request.pageSize + 1
  for (let belowVersion = from; ; belowVersion = rows.at(-1)?.version) {
    const limit = Math.min(ROWS_PER_READ, rowsMax - rows.length)
    const part = await listEntryRows(database, request, { belowVersion, limit })
    rows.push(...part)
    if (part.length < limit || rows.length === rowsMax) return rows
    await slices.rest()
  }
}

async function shown(
  billing: Pick<Billing, 'prices'>,
  entry: LedgerEntry,
  holdKeys: ReadonlyMap<string, string>,
): Promise<ShownEntry> {
  if (!isChargeEntry(entry)) return { entry }
  const { holdKeyId = '', idempotencyKey } = entry
  return {
    entry,
    charged: {
      receipt: await receiptOf(billing, entry),
      idempotencyKey: holdKeys.get(holdKeyId) ?? idempotencyKey,
    },
  }
}
