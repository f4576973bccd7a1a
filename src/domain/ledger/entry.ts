import type { Nanousd } from '../money'
import type { ChargeDetail } from './charge'
import type { User } from './user'

export type EntryKind =
  | 'charge'
  | 'grant'
  | 'refund'
  | 'hold'
  | 'settlement'
  | 'release'
  | 'profile'
  | 'adjustment'

/** What a user held right after an entry. */
export interface Balance {
  allowanceNanousd: Nanousd
  creditsNanousd: Nanousd
  heldNanousd: Nanousd
  spentTodayNanousd: Nanousd
  dailyLimitNanousd: Nanousd
  overdraftLimitNanousd: Nanousd
}

/** One change of one user, in order: version n leaves the balance that version n + 1 starts from. */
export interface LedgerEntry {
  userId: string
  version: bigint
  kind: EntryKind
  /** The id of the key that it took effect under (`domain/ids.ts`), and that key as text. */
  keyId: string
  idempotencyKey: string
  createdAt: Date
  allowanceDeltaNanousd: Nanousd
  creditsDeltaNanousd: Nanousd
  heldDeltaNanousd: Nanousd
  spentTodayDeltaNanousd: Nanousd
  balance: Balance
  reason?: string
  /** The charge that it makes, refunds or adjusts. */
  chargeKeyId?: string
  /** The hold that it opens, extends or ends. */
  holdKeyId?: string
  /** Only on charges, settlements and adjustments. */
  charge?: ChargeDetail
  /** Only on profile changes: the fields that changed, as text. */
  profile?: Readonly<Record<string, string>>
  /** SHA-256 over this entry and the hash of the one before it. */
  hash: Buffer
}

/** The balance part of a user. */
export function balanceOf(user: User): Balance {
  return {
    allowanceNanousd: user.allowanceNanousd,
    creditsNanousd: user.creditsNanousd,
    heldNanousd: user.heldNanousd,
    spentTodayNanousd: user.spentTodayNanousd,
    dailyLimitNanousd: user.dailyLimitNanousd,
    overdraftLimitNanousd: user.overdraftLimitNanousd,
  }
}

/** An adjustment that only takes what its stream's settlement fell short of: its key is the deduction failure's. */
export function isCollection({
  kind,
  idempotencyKey,
}: Pick<LedgerEntry, 'kind' | 'idempotencyKey'>): boolean {
  // No client's own key owns an adjustment.
  return kind === 'adjustment' && idempotencyKey.startsWith('fl_')
}
