import { databaseErrorKind } from '../../database/errors'
import { readVersionsById } from '../../database/prices/prices'
import type { Checkpoint } from '../../database/reconcile/checkpoints'
import { type KeyedEntry, readEntriesAfter } from '../../database/reconcile/entries'
import { type ChargeDetail, ratedAmountOf } from '../../domain/ledger/charge'
import { isCollection, type LedgerEntry } from '../../domain/ledger/entry'
import type { ServedPart } from '../../domain/ledger/serving'
import type { Nanousd } from '../../domain/money'
import type { Price } from '../../domain/rating/price'
import { costOfParts } from '../../domain/rating/rating'
import { amountOfReported } from '../../domain/rating/reportedCost'
import {
  type Books,
  beginWalk,
  type Discrepancy,
  endWalk,
  type LedgerWalk,
  type RatedAgain,
  walkEntry,
} from '../../domain/reconcile/reconcile'
import { isSameUsage, sumOfUsages } from '../../domain/usage/usage'
import { Slices } from '../../timing/slices'
import type { Billing } from '../billing'
import { rateAgain } from '../charges/rateCall'
import { partsAgain, priceIdsOf } from '../charges/servedParts'
import { findStream } from '../streams/freshHold'
import { counterFindings } from './counterFindings'

export type Reads = Pick<Billing, 'database' | 'prices'>

export interface Proof {
  entriesChecked: number
  discrepancies: Discrepancy[]
  /** Where the next page continues. Undefined = the ledger is at its end. */
  unfinished?: LedgerWalk
  /** The walk at the ledger's end. Absent = the ledger can't be read. */
  end?: LedgerWalk
}

interface WalkOptions {
  /** Where an earlier page stopped. */
  within?: LedgerWalk
  checkpoint?: Checkpoint
  entriesMax: number
  pause: (entries: number) => Promise<void>
}

/** Entries of one user that are in memory at once. */
const ENTRIES_PER_READ = 100
/** A ledger that is wrong throughout is not reported entry by entry. */
const DISCREPANCIES_MAX = 100

/** A ledger that can't be parsed is a finding; a database that does not answer is an error. */
export async function proveLedger(billing: Reads, books: Books, options: WalkOptions): Promise<Proof> {
  const { userId } = books.user
  const found: Discrepancy[] = []
  try {
    const { within, checkpoint } = options
    const walk = within ?? (await walkFrom(billing, books, { checkpoint, found })) ?? beginWalk(userId)
    const { walk: walked, entriesChecked, isAtEnd } = await walkOn(billing, books, walk, options)
    found.push(...walked.discrepancies.splice(0))
    if (isAtEnd) found.push(...endWalk(walked, books))
    if (found.some(({ kind }) => kind === 'BUDGET_DRIFT'))
      found.push(...(await counterFindings(billing, books)))
    const reached: LedgerWalk = { ...walked, flawed: walked.flawed || found.length > 0 }
    return {
      entriesChecked,
      discrepancies: shortened(userId, found),
      ...(isAtEnd ? { end: reached } : { unfinished: reached }),
    }
  } catch (error) {
    if (databaseErrorKind(error) !== 'permanent') throw error
    const detail = `the ledger can't be read: ${error instanceof Error ? error.message : String(error)}`
    return { discrepancies: [...found, { userId, kind: 'CHAIN_BROKEN', detail }], entriesChecked: 0 }
  }
}

/** The walk at a checkpoint, if its entry is still the one that was proved. Undefined = start at the first entry. */
async function walkFrom(
  { database }: Reads,
  { user }: Books,
  { checkpoint, found }: { checkpoint: Checkpoint | undefined; found: Discrepancy[] },
): Promise<LedgerWalk | undefined> {
  if (checkpoint === undefined) return undefined
  const { userId } = user
  const { version } = checkpoint
  const [keyed] = await readEntriesAfter(database, {
    userId,
    afterVersion: version - 1n,
    upToVersion: version,
    limit: 1,
  })
  if (keyed === undefined || version > user.version) {
    const detail = `its ledger had come to ${version} when it was last proved, and ends before it`
    found.push({ userId, kind: 'VERSION_GAP', detail })
    return undefined
  }
  if (!keyed.entry.hash.equals(checkpoint.hash)) {
    const detail = `entry ${version} is not the one that was there when it was last proved`
    found.push({ userId, kind: 'CHAIN_BROKEN', detail })
    return undefined
  }
  return { ...checkpoint, limits: keyed.entry.balance, flawed: false, discrepancies: [] }
}

async function walkOn(
  billing: Reads,
  { user }: Books,
  begun: LedgerWalk,
  { entriesMax, pause }: WalkOptions,
): Promise<{ walk: LedgerWalk; entriesChecked: number; isAtEnd: boolean }> {
  const slices = new Slices()
  let walk = begun
  let entriesChecked = 0
  while (entriesChecked < entriesMax) {
    const limit = Math.min(ENTRIES_PER_READ, entriesMax - entriesChecked)
    const entries = await readEntriesAfter(billing.database, {
      userId: user.userId,
      afterVersion: walk.version,
      upToVersion: user.version,
      limit,
    })
    const prices = await pricesOf(billing, entries)
    for (const { entry, ...facts } of entries) {
      walk = walkEntry(walk, entry, { ratedAgain: await rateEntryAgain(billing, entry, prices), ...facts })
      if (slices.isOver) await slices.next()
    }
    entriesChecked += entries.length
    // At least one a user: a million users without entries are work as well.
    await pause(Math.max(1, entries.length))
    if (entries.length < limit) return { walk, entriesChecked, isAtEnd: true }
  }
  return { walk, entriesChecked, isAtEnd: false }
}

/** Read from the database each time: a version that is only in a process' memory is a finding. */
function pricesOf(
  { database }: Reads,
  entries: readonly KeyedEntry[],
): Promise<ReadonlyMap<string, Pick<Price, 'rateCards'>>> {
  const priceIds = entries.flatMap(({ entry: { charge } }) =>
    charge === undefined ? [] : [charge.priced.priceId, ...priceIdsOf(charge)],
  )
  return readVersionsById(database.kysely, [...new Set(priceIds)])
}

/** An adjustment posts the difference to its stream's settlement. */
async function settledBefore(
  billing: Pick<Billing, 'database'>,
  { kind, userId, holdKeyId = '' }: LedgerEntry,
): Promise<Nanousd> {
  if (kind !== 'adjustment') return 0n
  const settlement = (await findStream(billing, { userId, keyId: holdKeyId }))?.settlement
  if (settlement === undefined) throw new Error('it adjusts a stream that is not settled')
  return ratedAmountOf(settlement.entry.charge)
}

/** A charge that can't be rated again is a finding, not the end of the page. */
async function rateEntryAgain(
  billing: Reads,
  entry: LedgerEntry,
  prices: ReadonlyMap<string, Pick<Price, 'rateCards'>>,
): Promise<RatedAgain | undefined> {
  const { charge } = entry
  if (charge === undefined) return undefined
  // A collection takes what a settlement fell short of, and rates nothing.
  if (isCollection(entry)) return { amountNanousd: 0n }
  const price = prices.get(charge.priced.priceId)
  if (price === undefined && charge.priced.source !== 'reported')
    return { problem: `its price ${charge.priced.priceId} is missing` }
  try {
    const parts = charge.serving?.parts
    const again = parts === undefined ? costAgain(charge, price) : costOfPartsAgain(charge, parts, prices)
    if ('problem' in again) return again
    return { amountNanousd: again.amountNanousd - (await settledBefore(billing, entry)) }
  } catch (error) {
    // An outage is not a finding.
    if (databaseErrorKind(error) !== 'permanent') throw error
    return {
      problem: `its usage can't be rated again: ${error instanceof Error ? error.message : String(error)}`,
    }
  }
}

/** Each part is rated again at its own price, and together they are the call's usage. */
function costOfPartsAgain(
  charge: ChargeDetail,
  parts: readonly ServedPart[],
  prices: ReadonlyMap<string, Pick<Price, 'rateCards'>>,
): RatedAgain {
  const again = partsAgain(charge, parts, prices)
  if (again === undefined) return { problem: 'the price of one of its parts is missing' }
  if (!isSameUsage(sumOfUsages(parts.map(({ usage }) => usage)), charge.usage))
    return { problem: 'its usage is not the sum of its parts' }
  return { amountNanousd: costOfParts(again).amountNanousd }
}

/** A stated cost follows from the markup. The amount beside it is rated again as well. */
function costAgain(charge: ChargeDetail, price: Pick<Price, 'rateCards'> | undefined): RatedAgain {
  const reportedCost = charge.serving?.reportedCost
  if (reportedCost === undefined) {
    if (price === undefined) return { problem: 'it has neither a price nor a stated cost' }
    return { amountNanousd: rateAgain(charge, price).amountNanousd }
  }
  const { reportedNanousd, ratedAmountNanousd } = reportedCost
  if (charge.costNanousd !== reportedNanousd)
    return { problem: `its cost should be ${reportedNanousd} nano-USD, as stated, is ${charge.costNanousd}` }
  if (ratedAmountNanousd !== undefined) {
    const rated = price && rateAgain(charge, price).amountNanousd
    if (rated !== ratedAmountNanousd)
      return { problem: `the amount beside its stated cost should be ${rated}, is ${ratedAmountNanousd}` }
  }
  return { amountNanousd: amountOfReported(reportedNanousd, charge.priced.markupBasisPoints) }
}

function shortened(userId: string, found: Discrepancy[]): Discrepancy[] {
  const kept = found.slice(0, DISCREPANCIES_MAX)
  const [first] = found.slice(DISCREPANCIES_MAX)
  if (first === undefined) return found
  const detail = `and ${found.length - DISCREPANCIES_MAX} more in this user's books, of this and other kinds`
  return [...kept, { userId, kind: first.kind, detail }]
}
