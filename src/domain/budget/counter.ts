import type { Nanousd } from '../money'
import type { Budget } from './budget'

/** Names one counter of a user: of a budget's generation, for one group of calls, in one window. */
export interface CounterRef {
  budgetId: string
  generation: number
  /** When its window began. */
  windowFrom: Date
  /** One value for each element of the budget's grouping, in its order. */
  groupValues: readonly string[]
}

/** What a counter has counted. */
export interface Counter {
  spentNanousd: Nanousd
  /** Reserved by open streams. */
  heldNanousd: Nanousd
  /** The highest threshold that was reported. 0 = none. */
  notifiedPercent: number
}

/** This very object, so that it shows that the counter does not exist yet. */
export const NEW_COUNTER: Counter = { spentNanousd: 0n, heldNanousd: 0n, notifiedPercent: 0 }

/** What an entry changed of a counter. */
export interface CounterMove extends CounterRef {
  spentDeltaNanousd: Nanousd
  heldDeltaNanousd: Nanousd
  /** The spend went above the limit, which does not stop settlements and deferred charges. */
  over: boolean
}

/** The budgets of a user and their counters, as a decision sees them. */
export interface BudgetFacts {
  budgets: readonly Budget[]
  /** @throws Error for a counter that was not read */
  counterOf: (ref: CounterRef) => Counter
  /** So many counters may still begin. */
  newCountersMax: bigint
}

export const NO_BUDGETS: BudgetFacts = {
  budgets: [],
  counterOf: () => {
    throw new Error('a user without budgets has no counters')
  },
  newCountersMax: 0n,
}

/** As text, for the keys of maps. Neither ids nor values contain NUL. */
export function counterText({ budgetId, generation, windowFrom, groupValues }: CounterRef): string {
  return `${budgetId}\0${generation}\0${windowFrom.getTime()}\0${groupValues.join('\0')}`
}

/** A counter after a move, and the thresholds of its budget that its spend has passed for the first time. */
export function movedCounter(
  counter: Counter,
  { spentDeltaNanousd, heldDeltaNanousd }: CounterMove,
  budget: Pick<Budget, 'limitNanousd' | 'notifyAtPercent'> | undefined,
): { counter: Counter; passedPercents: readonly number[] } {
  const spentNanousd = counter.spentNanousd + spentDeltaNanousd
  const heldNanousd = counter.heldNanousd + heldDeltaNanousd
  // A move that breaks the books is a bug, and must not be written.
  if (spentNanousd < 0n || heldNanousd < 0n) throw new Error('a counter of a budget would fall below zero')
  const passedPercents = (budget?.notifyAtPercent ?? []).filter(
    (percent) =>
      percent > counter.notifiedPercent &&
      spentNanousd > 0n &&
      spentNanousd * 100n >= (budget?.limitNanousd ?? 0n) * BigInt(percent),
  )
  const notifiedPercent = Math.max(counter.notifiedPercent, ...passedPercents)
  return { counter: { spentNanousd, heldNanousd, notifiedPercent }, passedPercents }
}

/** As entries store their moves, in jsonb: the order of the fields is fixed, amounts are decimal strings. */
export interface CounterMoveJson extends CounterRefJson {
  /** Absent = 0. */
  spent?: string
  held?: string
  over?: true
}

/** As holds store the counters that hold their amount. */
export interface CounterRefJson {
  budget: string
  generation: number
  /** In milliseconds since 1970. */
  window: number
  group: readonly string[]
}

export function moveToJson(move: CounterMove): CounterMoveJson {
  return {
    ...refToJson(move),
    ...(move.spentDeltaNanousd !== 0n && { spent: move.spentDeltaNanousd.toString() }),
    ...(move.heldDeltaNanousd !== 0n && { held: move.heldDeltaNanousd.toString() }),
    ...(move.over && { over: true as const }),
  }
}

export function moveFromJson({ spent = '0', held = '0', over, ...ref }: CounterMoveJson): CounterMove {
  return {
    ...refFromJson(ref),
    spentDeltaNanousd: BigInt(spent),
    heldDeltaNanousd: BigInt(held),
    over: over === true,
  }
}

export function refToJson({ budgetId, generation, windowFrom, groupValues }: CounterRef): CounterRefJson {
  return { budget: budgetId, generation, window: windowFrom.getTime(), group: groupValues }
}

export function refFromJson({ budget, generation, window, group }: CounterRefJson): CounterRef {
  return { budgetId: budget, generation, windowFrom: new Date(window), groupValues: group }
}
