import type { Checkpoint } from '../../database/reconcile/checkpoints'
import { type KeyCursor, readMoreKeys } from '../../database/reconcile/keys'
import {
  type Books,
  checkKeyCount,
  type Discrepancy,
  type LedgerWalk,
} from '../../domain/reconcile/reconcile'
import type { LedgerPosition } from '../../domain/reconcile/reconcilePosition'
import { proveLedger, type Reads } from './walkLedger'

export interface UserProof {
  entriesChecked: number
  /** The part of a page's budget that is left, in entries. */
  effort: number
  discrepancies: Discrepancy[]
  /** Where the next page continues. Undefined = the ledger is at its end. */
  unfinished?: LedgerPosition
  /** The walk at the ledger's end. Absent = the ledger can't be read. */
  end?: LedgerWalk
  /** The user's keys are still to be counted. They are few, so they are counted with other users' keys. */
  hasKeysToCount: boolean
}

interface ProofOptions {
  /** What earlier pages have proved of this ledger. */
  within?: LedgerPosition
  checkpoint?: Checkpoint
  entriesMax: number
  pause: (entries: number) => Promise<void>
}

const KEYS_PER_READ = 5_000
/** Counting keys is cheaper than walking entries. */
const KEYS_PER_ENTRY = 10

/**
 * Proves one user's ledger and then counts its keys, within a page's budget. Keys are counted over whole ledgers; a
 * walk from a checkpoint only checks the keys of its own entries.
 */
export async function proveUser(
  billing: Reads,
  books: Books,
  { within, checkpoint, entriesMax, pause }: ProofOptions,
): Promise<UserProof> {
  const { unfinished, end, ...walked } =
    within?.keys === undefined
      ? await proveLedger(billing, books, {
          ...(within !== undefined && { within: within.walk }),
          ...(checkpoint !== undefined && { checkpoint }),
          entriesMax,
          pause,
        })
      : { entriesChecked: 0, discrepancies: [], unfinished: undefined, end: within.walk }
  const proof = { ...walked, effort: walked.entriesChecked }
  if (unfinished !== undefined) return { ...proof, unfinished: { walk: unfinished }, hasKeysToCount: false }
  const isOfOnePage = within === undefined
  if (end === undefined || checkpoint !== undefined || isOfOnePage)
    return { ...proof, ...(end && { end }), hasKeysToCount: checkpoint === undefined && isOfOnePage }

  const counted = await countKeys(billing, end, {
    ...(within.keys !== undefined && { from: within.keys }),
    entriesMax: entriesMax - proof.effort,
    pause,
  })
  const effort = proof.effort + counted.effort
  if (!counted.isAtEnd)
    return { ...proof, effort, unfinished: { walk: end, keys: counted.cursor }, hasKeysToCount: false }
  const found = checkKeyCount({ userId: end.userId, version: end.version, keyCount: counted.cursor.count })
  const discrepancies = [...proof.discrepancies, ...found]
  return { ...proof, effort, discrepancies, end, hasKeysToCount: false }
}

async function countKeys(
  { database }: Reads,
  { userId, version }: LedgerWalk,
  { from, entriesMax, pause }: { from?: KeyCursor; entriesMax: number; pause: ProofOptions['pause'] },
): Promise<{ cursor: Required<KeyCursor>; effort: number; isAtEnd: boolean }> {
  const range = { userId, version, limit: KEYS_PER_READ }
  let cursor: KeyCursor = from ?? { count: 0n }
  let effort = 0
  for (;;) {
    const counted = await readMoreKeys(database, range, cursor)
    const effortOfRead = Math.ceil(counted.keysRead / KEYS_PER_ENTRY)
    effort += effortOfRead
    await pause(effortOfRead)
    if (counted.isAtEnd || effort >= entriesMax) return { ...counted, effort }
    cursor = counted.cursor
  }
}
