import { AHEAD_MS_MAX, type LedgerEntry } from '../ledger/entry'
import { genesisHashOf, hashFits } from '../ledger/entryHash'
import { type ProfileText, profileText } from '../ledger/profile'
import { availableOf, dayOf, type User } from '../ledger/user'
import type { Nanousd } from '../money'
import { type BudgetSums, NO_BUDGET_SUMS, withEntry } from './budgetSums'

/** The books are wrong. docs/runbooks.md explains each kind and what to do. */
export const DRIFT_KINDS = [
  'VERSION_GAP',
  'BALANCE_DRIFT',
  'SPEND_DRIFT',
  'HOLD_DRIFT',
  'CHAIN_BROKEN',
  'AMOUNT_DRIFT',
  'OVER_DAILY_LIMIT',
  'KEY_DRIFT',
  'LIMIT_DRIFT',
  'PROFILE_DRIFT',
  'BELOW_FLOOR',
  'HOLD_ORPHANED',
  'USER_MISSING',
  'HEAD_CHANGED',
  'ENTRY_AHEAD',
  'BUDGET_DRIFT',
] as const

/** The books are right, but an operator has to act. */
const ATTENTION_KINDS = ['FAILURE_PENDING', 'HOLD_OVERDUE'] as const

export const DISCREPANCY_KINDS = [...DRIFT_KINDS, ...ATTENTION_KINDS]

type DriftKind = (typeof DRIFT_KINDS)[number]
export type DiscrepancyKind = (typeof DISCREPANCY_KINDS)[number]

export function isDrift(kind: DiscrepancyKind): kind is DriftKind {
  return DRIFT_KINDS.some((drift) => drift === kind)
}

/** Something in a user's books that does not add up. Amounts are exact, for the person who repairs it. */
export interface Discrepancy {
  userId: string
  kind: DiscrepancyKind
  detail: string
}

/** The sums of a ledger after some of its entries. */
export interface LedgerWalk {
  userId: string
  version: bigint
  allowanceNanousd: Nanousd
  creditsNanousd: Nanousd
  heldNanousd: Nanousd
  spentTodayNanousd: Nanousd
  spentOn: string
  trialSpentNanousd: Nanousd
  trialSpentTodayNanousd: Nanousd
  trialRequests: bigint
  /** The limits in the last entry. Absent before the first entry. */
  limits?: { dailyLimitNanousd: Nanousd; overdraftLimitNanousd: Nanousd }
  /** The last value of each profile field in the walked entries, by the contract's names. */
  profile?: ProfileText
  budgets: BudgetSums
  hash: Buffer
  /** An earlier page of this ledger had findings. */
  flawed: boolean
  discrepancies: Discrepancy[]
}

/** The walk before the first entry. */
export function beginWalk(userId: string): LedgerWalk {
  return {
    userId,
    version: 0n,
    allowanceNanousd: 0n,
    creditsNanousd: 0n,
    heldNanousd: 0n,
    spentTodayNanousd: 0n,
    spentOn: '',
    trialSpentNanousd: 0n,
    trialSpentTodayNanousd: 0n,
    trialRequests: 0n,
    budgets: NO_BUDGET_SUMS,
    hash: genesisHashOf(userId),
    flawed: false,
    discrepancies: [],
  }
}

/** What other tables say about an entry. */
export interface EntryFacts {
  ratedAgain: RatedAgain | undefined
  /** The request hash of its idempotency key. Undefined = no key points to the entry. */
  requestHash: Buffer | undefined
  /** The key's request hash is plausible for its request. */
  hasRequestHash?: boolean
  /** A hold exists under its key. */
  hasHold?: boolean
  /** If the entry opened, settled or amended a stream, the hold's row agrees. */
  fitsHold?: boolean
  /** When the stream that an adjustment adjusts was settled. */
  settledAt?: Date
}

/**
 * Checks the next entry and adds it to the walk. It checks the entry's number, its deltas, the
 * balance that it states, its place in the chain, its key, and the amount of a charge rated again.
 */
export function walkEntry(
  walk: LedgerWalk,
  entry: LedgerEntry,
  { ratedAgain, requestHash, hasRequestHash = true, hasHold = true, fitsHold = true, settledAt }: EntryFacts,
): LedgerWalk {
  const found: Discrepancy[] = []
  const report = (kind: DiscrepancyKind, detail: string) =>
    found.push({ userId: walk.userId, kind, detail: `entry ${entry.version}: ${detail}` })

  if (entry.version !== walk.version + 1n) report('VERSION_GAP', `follows entry ${walk.version}`)
  // Without the request hash, the entry's hash can't be computed.
  if (requestHash !== undefined && !hashFits(entry, { requestHash, previousHash: walk.hash })) {
    report('CHAIN_BROKEN', "its hash is not that of its content, its key's request and the entry before it")
  }
  // Without the key, the same request would be charged again.
  if (requestHash === undefined) report('KEY_DRIFT', 'no idempotency key points to it')
  if (!hasRequestHash) report('KEY_DRIFT', "its key's request hash is not that of its request")
  if (entry.kind === 'hold' && entry.holdKeyId === entry.keyId && !hasHold)
    report('HOLD_ORPHANED', 'it opened a hold that is not there')
  if (!fitsHold)
    report('HOLD_DRIFT', "its hold's row does not say that it was opened, settled or amended by it")
  const day = dayOf(entry.createdAt)
  const spentBeforeNanousd = day === walk.spentOn ? walk.spentTodayNanousd : 0n
  const next = {
    userId: walk.userId,
    version: entry.version,
    allowanceNanousd: walk.allowanceNanousd + entry.allowanceDeltaNanousd,
    creditsNanousd: walk.creditsNanousd + entry.creditsDeltaNanousd,
    heldNanousd: walk.heldNanousd + entry.heldDeltaNanousd,
    spentTodayNanousd: spentBeforeNanousd + entry.spentTodayDeltaNanousd,
    spentOn: day,
    hash: entry.hash,
    flawed: walk.flawed,
    discrepancies: walk.discrepancies,
  }
  const { balance, charge } = entry
  const profile = entry.kind === 'profile' ? entry.profile : undefined
  compare(report, 'BALANCE_DRIFT', 'allowance', next.allowanceNanousd, balance.allowanceNanousd)
  compare(report, 'BALANCE_DRIFT', 'credits', next.creditsNanousd, balance.creditsNanousd)
  compare(report, 'HOLD_DRIFT', 'held', next.heldNanousd, balance.heldNanousd)
  compare(report, 'SPEND_DRIFT', 'spent today', next.spentTodayNanousd, balance.spentTodayNanousd)
  checkCharge(report, entry, ratedAgain)
  checkFloor(report, entry)
  walk.discrepancies.push(...found)
  // The walk continues from what the entry states, right or wrong. So one wrong entry causes one
  // discrepancy, and not another for each later entry. By induction, this proves the same.
  return {
    ...next,
    allowanceNanousd: balance.allowanceNanousd,
    creditsNanousd: balance.creditsNanousd,
    heldNanousd: balance.heldNanousd,
    spentTodayNanousd: balance.spentTodayNanousd,
    limits: balance,
    ...((walk.profile ?? profile) && { profile: { ...walk.profile, ...profile } }),
    budgets: withEntry(walk.budgets, entry),
    trialSpentNanousd: walk.trialSpentNanousd + (charge?.forgoneNanousd ?? 0n),
    trialSpentTodayNanousd:
      (day === walk.spentOn ? walk.trialSpentTodayNanousd : 0n) + forgoneTodayOf(entry, settledAt),
    trialRequests: walk.trialRequests + (charge?.trial === true && entry.kind !== 'adjustment' ? 1n : 0n),
  }
}

/**
 * An amendment that takes back trial spend of an earlier day doesn't change today's trial spend.
 */
function forgoneTodayOf({ charge, createdAt }: LedgerEntry, settledAt: Date | undefined): Nanousd {
  if (charge === undefined) return 0n
  const isOfAnotherDay = settledAt !== undefined && dayOf(settledAt) !== dayOf(createdAt)
  return charge.forgoneNanousd < 0n && isOfAnotherDay ? 0n : charge.forgoneNanousd
}

/** What a ledger is compared with, read in one snapshot. */
export interface Books {
  user: User
  /** The sums over all holds that are not settled. */
  reserved: Reserved
  /** The highest version among the user's entries. 0 = no entries. */
  lastEntryVersion: bigint
  /** When that entry was posted. */
  lastEntryAt?: Date
  /** By the database's clock. */
  readAt: Date
  budgets: BudgetBooks
}

/** The weighted sums over the rows of a user's budgets, counters and live holds ({@link BudgetSums}). */
export interface BudgetBooks {
  budgets: bigint
  /** With that of removed counters. */
  spent: bigint
  held: bigint
  heldByStreams: bigint
  /** Rows, and how many the user is said to have. */
  counters: bigint
  countersCounted: bigint
}

/** The parts of the balance and of trial limits that live holds reserve. */
export interface Reserved {
  heldNanousd: Nanousd
  trialHeldNanousd: Nanousd
  trialHolds: bigint
}

/** Compares the walk's end with the user's row and its live holds. */
export function endWalk(walk: LedgerWalk, books: Books): Discrepancy[] {
  const { user, reserved, lastEntryVersion } = books
  const found: Discrepancy[] = []
  const report = (kind: DiscrepancyKind, detail: string) => found.push({ userId: user.userId, kind, detail })

  if (walk.version !== user.version)
    report('VERSION_GAP', `the user is at ${user.version}, its ledger at ${walk.version}`)
  // The walk ends at the version in the user's row. Entries beyond it mean that the row was set back.
  if (lastEntryVersion > user.version)
    report('VERSION_GAP', `the user is at ${user.version}, its ledger continues to ${lastEntryVersion}`)
  checkDates(report, books)
  if (!walk.hash.equals(user.lastHash)) report('CHAIN_BROKEN', "the user's head is not the last entry's hash")
  compare(report, 'BALANCE_DRIFT', 'allowance', walk.allowanceNanousd, user.allowanceNanousd)
  compare(report, 'BALANCE_DRIFT', 'credits', walk.creditsNanousd, user.creditsNanousd)
  compare(report, 'HOLD_DRIFT', 'held', walk.heldNanousd, user.heldNanousd)
  compare(report, 'SPEND_DRIFT', 'spent today', walk.spentTodayNanousd, user.spentTodayNanousd)
  if (walk.version > 0n && walk.spentOn !== user.spentOn) {
    report('SPEND_DRIFT', `the day's spend should be of ${walk.spentOn}, is of ${user.spentOn}`)
  }
  if (walk.limits !== undefined) {
    compare(report, 'LIMIT_DRIFT', 'the daily limit', walk.limits.dailyLimitNanousd, user.dailyLimitNanousd)
    compare(
      report,
      'LIMIT_DRIFT',
      'the overdraft limit',
      walk.limits.overdraftLimitNanousd,
      user.overdraftLimitNanousd,
    )
  }
  checkProfile(report, walk, user)
  compare(report, 'SPEND_DRIFT', 'spent in the trial', walk.trialSpentNanousd, user.trialSpentNanousd)
  compare(
    report,
    'SPEND_DRIFT',
    'spent today in the trial',
    walk.trialSpentTodayNanousd,
    user.trialSpentTodayNanousd,
  )
  if (walk.trialRequests !== user.trialRequests) {
    report('SPEND_DRIFT', `requests in the trial should be ${walk.trialRequests}, are ${user.trialRequests}`)
  }
  compare(report, 'HOLD_DRIFT', 'held by the open streams', reserved.heldNanousd, user.heldNanousd)
  compare(report, 'HOLD_DRIFT', 'open trial holds', reserved.trialHeldNanousd, user.trialHeldNanousd)
  checkBudgets(report, walk, books)
  // The user's count may be lower, because it lacks trial streams that older releases opened.
  if (reserved.trialHolds < user.trialHolds)
    report(
      'HOLD_DRIFT',
      `open trial streams should be at most ${reserved.trialHolds}, are ${user.trialHolds}`,
    )
  return [...walk.discrepancies, ...found]
}

/** Each entry has one key, and each key one entry. */
export function checkKeyCount({
  userId,
  version,
  keyCount,
}: {
  userId: string
  version: bigint
  keyCount: bigint
}): Discrepancy[] {
  if (keyCount === version) return []
  const detail = `${version} entries should have as many idempotency keys, there are ${keyCount}`
  return [{ userId, kind: 'KEY_DRIFT', detail }]
}

/** What a charge's usage costs at the price that it names, or why it can't be rated. */
export type RatedAgain = { amountNanousd: Nanousd } | { problem: string }

type Report = (kind: DiscrepancyKind, detail: string) => void

function checkCharge(report: Report, entry: LedgerEntry, ratedAgain: RatedAgain | undefined): void {
  const { charge } = entry
  if (charge === undefined) return
  const takenNanousd = -(entry.allowanceDeltaNanousd + entry.creditsDeltaNanousd)
  compare(report, 'AMOUNT_DRIFT', 'amount', takenNanousd, charge.amountNanousd)
  if (ratedAgain !== undefined && 'problem' in ratedAgain) report('AMOUNT_DRIFT', ratedAgain.problem)
  if (ratedAgain !== undefined && 'amountNanousd' in ratedAgain) {
    const ratedNanousd = charge.amountNanousd + charge.shortfallNanousd + charge.forgoneNanousd
    compare(report, 'AMOUNT_DRIFT', 'rated again', ratedAgain.amountNanousd, ratedNanousd)
  }
  const { dailyLimitNanousd, spentTodayNanousd } = entry.balance
  const limited = dailyLimitNanousd > 0n && entry.kind === 'charge' && !charge.trial && !charge.overDailyLimit
  if (limited && spentTodayNanousd > dailyLimitNanousd) {
    report(
      'OVER_DAILY_LIMIT',
      `spent ${spentTodayNanousd} of ${dailyLimitNanousd} nano-USD without being flagged`,
    )
  }
}

/**
 * A user's next entry is never dated before its last one. So an entry that is dated ahead also
 * dates the user's later entries ahead.
 */
function checkDates(report: Report, { user, lastEntryVersion, lastEntryAt, readAt }: Books): void {
  if (lastEntryAt === undefined) return
  const aheadMs = lastEntryAt.getTime() - readAt.getTime()
  if (aheadMs > AHEAD_MS_MAX)
    report(
      'ENTRY_AHEAD',
      `entry ${lastEntryVersion} is dated ${Math.round(aheadMs / 1_000)} s ahead of the database`,
    )
  if (lastEntryVersion === user.version && lastEntryAt.getTime() !== user.lastEntryAt.getTime())
    report(
      'ENTRY_AHEAD',
      `the last entry is of ${lastEntryAt.toISOString()}, not of ${user.lastEntryAt.toISOString()}`,
    )
}

function checkBudgets(
  report: Report,
  { budgets: walked }: LedgerWalk,
  { user, budgets: found }: Books,
): void {
  if (walked.changes !== user.budgetsVersion)
    report(
      'BUDGET_DRIFT',
      `its budgets were changed ${walked.changes} times, its row says ${user.budgetsVersion}`,
    )
  if (walked.budgets !== found.budgets)
    report('BUDGET_DRIFT', 'its budgets are not those that its entries put')
  if (walked.spent !== found.spent)
    report('BUDGET_DRIFT', "its counters' spend is not the sum of its entries")
  if (walked.held !== found.held)
    report('BUDGET_DRIFT', 'what its counters hold is not the sum of its entries')
  if (found.heldByStreams !== found.held)
    report('BUDGET_DRIFT', 'what its counters hold is not what its open streams reserve')
  if (found.counters !== found.countersCounted)
    report('BUDGET_DRIFT', `it has ${found.counters} counters, and is said to have ${found.countersCounted}`)
}

/** Compares the fields that entries changed. The fields that CreateUser set are in no entry. */
function checkProfile(report: Report, { profile = {} }: LedgerWalk, user: User): void {
  const today = profileText(user)
  for (const [field, text] of Object.entries(profile)) {
    if (today[field] !== undefined && today[field] !== text && !field.endsWith('_nanousd'))
      report('PROFILE_DRIFT', `${field} should be "${text}", is "${today[field]}"`)
  }
}

/**
 * An entry that takes or reserves credits leaves at least zero available. A lowered limit or a
 * chargeback may leave less.
 */
function checkFloor(report: Report, { balance, ...entry }: LedgerEntry): void {
  if (entry.kind === 'grant') return
  const takes = entry.allowanceDeltaNanousd + entry.creditsDeltaNanousd < entry.heldDeltaNanousd
  const availableNanousd = availableOf(balance)
  if (takes && availableNanousd < 0n)
    report('BELOW_FLOOR', `it took what was not there: ${availableNanousd} nano-USD are available after it`)
}

function compare(
  report: Report,
  kind: DiscrepancyKind,
  what: string,
  expected: Nanousd,
  found: Nanousd,
): void {
  if (expected !== found) report(kind, `${what} should be ${expected} nano-USD, is ${found}`)
}
