import { findHoldKeys } from '../../database/holds/holds'
import { type EntryFilter, listEntryRows } from '../../database/ledgerEntries'
import { isChargeEntry, type LedgerEntry } from '../../domain/ledger/entry'
import { keyOfPageToken, type Page, pageOf, pageTokenOf } from '../../domain/page'
import type { Billing } from '../billing'
import { type Receipt, receiptOf } from '../charges/receipt'
import { getUser } from './getUser'

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
  const rows = await listEntryRows(billing.database, request, {
    belowVersion: version === undefined ? undefined : BigInt(version),
    limit: request.pageSize + 1,
  })
  if (rows.length === 0) await getUser(billing, request.userId)
  const { page, nextPageToken } = pageOf(rows, request, (entry) => pageTokenOf([entry.version.toString()]))
  const keys = await findHoldKeys(billing.database, {
    userId: request.userId,
    keyIds: page.flatMap(({ charge, holdKeyId }) => (charge !== undefined && holdKeyId) || []),
  })
  return { entries: await Promise.all(page.map((entry) => shown(billing, entry, keys))), nextPageToken }
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
