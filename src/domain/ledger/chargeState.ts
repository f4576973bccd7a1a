import type { CounterMove } from '../budget/counter'
import type { Nanousd } from '../money'
import type { LedgerEntry } from './entry'

/** The sums over the adjustments and refunds of a charge. */
export interface ChargeChanges {
  /** Signed sums over adjustments and refunds. */
  allowanceDeltaNanousd: Nanousd
  creditsDeltaNanousd: Nanousd
  /** The amount that refunds returned. */
  refundedNanousd: Nanousd
  /** What they moved in budgets' counters. */
  counterMoves: readonly CounterMove[]
}

export const UNCHANGED: ChargeChanges = {
  allowanceDeltaNanousd: 0n,
  creditsDeltaNanousd: 0n,
  refundedNanousd: 0n,
  counterMoves: [],
}

/** Adds one more refund or adjustment to the changes. */
export function withChange(changes: ChargeChanges, entry: LedgerEntry): ChargeChanges {
  const { allowanceDeltaNanousd, creditsDeltaNanousd } = entry
  const givenBackNanousd = entry.kind === 'refund' ? allowanceDeltaNanousd + creditsDeltaNanousd : 0n
  return {
    allowanceDeltaNanousd: changes.allowanceDeltaNanousd + allowanceDeltaNanousd,
    creditsDeltaNanousd: changes.creditsDeltaNanousd + creditsDeltaNanousd,
    refundedNanousd: changes.refundedNanousd + givenBackNanousd,
    counterMoves: [...changes.counterMoves, ...(entry.counterMoves ?? [])],
  }
}

/**
 * The amount that a charge has taken and not returned, from each pot and in total. Never negative.
 */
export interface Taken {
  fromAllowanceNanousd: Nanousd
  fromCreditsNanousd: Nanousd
  takenNanousd: Nanousd
}

/** `entry` is the charge's own: a charge or a settlement. */
export function takenBy(
  entry: Pick<LedgerEntry, 'allowanceDeltaNanousd' | 'creditsDeltaNanousd'>,
  changes: ChargeChanges,
): Taken {
  const fromAllowanceNanousd = -(entry.allowanceDeltaNanousd + changes.allowanceDeltaNanousd)
  const fromCreditsNanousd = -(entry.creditsDeltaNanousd + changes.creditsDeltaNanousd)
  return {
    fromAllowanceNanousd,
    fromCreditsNanousd,
    takenNanousd: fromAllowanceNanousd + fromCreditsNanousd,
  }
}

/** What a charge moved in budgets' counters, with everything that changed it since. */
export function countedBy(
  { counterMoves = [] }: Pick<LedgerEntry, 'counterMoves'>,
  changes: ChargeChanges,
): CounterMove[] {
  return [...counterMoves, ...changes.counterMoves]
}

/** What was collected of a stream's shortfall: before its one amendment, only that and refunds have changed its charge. */
export function collectedOf(changes: ChargeChanges): Nanousd {
  return changes.refundedNanousd - changes.allowanceDeltaNanousd - changes.creditsDeltaNanousd
}

/** Splits what goes back over the pots that paid: credits first. */
export function givenBack(
  { fromCreditsNanousd }: Pick<Taken, 'fromCreditsNanousd'>,
  amountNanousd: Nanousd,
): { allowanceDeltaNanousd: Nanousd; creditsDeltaNanousd: Nanousd } {
  const toCreditsNanousd = amountNanousd < fromCreditsNanousd ? amountNanousd : fromCreditsNanousd
  return {
    allowanceDeltaNanousd: amountNanousd - toCreditsNanousd,
    creditsDeltaNanousd: toCreditsNanousd,
  }
}
