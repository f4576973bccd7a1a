import type { Discrepancy } from '../reconcile/reconcile'
import { genesisHashOf } from './entryHash'

/** The end of a user's hash chain at some time. Entries have no gaps, so the version is also how many there are. */
export interface LedgerHead {
  userId: string
  version: bigint
  /** Of the last entry, and through it of all before; before the first, of the user's id alone. */
  hash: Buffer
  /** When the last entry was posted. */
  at: Date
}

/** Checks that today's ledger continues from an exported head. Returns what is wrong, or undefined. */
export function checkHead(
  head: Pick<LedgerHead, 'userId' | 'version' | 'hash'>,
  today: { userVersion?: bigint; hash?: Buffer },
): Discrepancy | undefined {
  const found = (detail: string): Discrepancy => ({ userId: head.userId, kind: 'HEAD_CHANGED', detail })
  if (today.userVersion === undefined) return found(`the user was at ${head.version}, and is gone`)
  if (today.userVersion < head.version)
    return found(`the user was at ${head.version}, and is at ${today.userVersion}`)
  const hash = head.version === 0n ? genesisHashOf(head.userId) : today.hash
  if (hash === undefined) return found(`entry ${head.version} was the last, and is gone`)
  return hash.equals(head.hash) ? undefined : found(`entry ${head.version} had another hash`)
}
