import type { CounterMove } from '../budget/counter'
import type { Nanousd } from '../money'
import type { Actor } from './actor'
import type { ChargeDetail } from './charge'
import type { ProfileText } from './profile'
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
  | 'budget'

/** What a user had right after an entry. */
export interface Balance {
  allowanceNanousd: Nanousd
  creditsNanousd: Nanousd
  heldNanousd: Nanousd
  spentTodayNanousd: Nanousd
  dailyLimitNanousd: Nanousd
  overdraftLimitNanousd: Nanousd
}

/** How far an entry may be dated ahead of the database's clock. The clocks of standbys differ by less. */
export const AHEAD_MS_MAX = 5 * 60_000

/** One change of one user, in order: version n leaves the balance that version n + 1 starts from. */
export interface LedgerEntry {
  userId: string
  version: bigint
  kind: EntryKind
  /** The id (`ids.ts`) and the text of the key that it took effect under. */
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
  /** Only on changes of a profile or a budget: what changed, as text. */
  profile?: ProfileText
  /** Who asked for it. Absent where nobody is known. */
  actor?: Actor
  /** What it changed of the user's budgets' counters. Absent = nothing. */
  counterMoves?: readonly CounterMove[]
  /** SHA-256 over this entry and the hash of the one before it. */
  hash: Buffer
}

/** A charge, a settlement or an adjustment. */
export type ChargeEntry = LedgerEntry & { charge: ChargeDetail }

export function isChargeEntry(entry: LedgerEntry): entry is ChargeEntry {
  return entry.charge !== undefined
}

/** For an entry that must be a charge. Any other kind is a bug. */
export function asChargeEntry(entry: LedgerEntry): ChargeEntry {
  if (isChargeEntry(entry)) return entry
  throw new Error(`entry ${entry.userId}/${entry.version} is a ${entry.kind}, and charges nothing`)
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

/**
 * Whether an adjustment pays part of its stream's shortfall. Such an adjustment takes exactly the amount that it removes from
 * the shortfall. A correction of the usage changes the sum of both, or takes nothing.
 */
export function isCollection({ kind, charge }: Pick<LedgerEntry, 'kind' | 'charge'>): boolean {
  return (
    kind === 'adjustment' &&
    charge !== undefined &&
    charge.amountNanousd > 0n &&
    charge.amountNanousd === -charge.shortfallNanousd
  )
}
