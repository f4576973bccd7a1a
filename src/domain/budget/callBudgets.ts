import type { PinnedCall } from '../ledger/charge'
import { maxOf, minOf, type Nanousd } from '../money'
import type { Budget } from './budget'
import { type BudgetFacts, type CounterMove, type CounterRef, counterText, NEW_COUNTER } from './counter'
import { type MatchedBudget, matchBudgets, stillRuns } from './matchBudgets'

/** What one stream reserves, and the counters that count it. */
export interface HeldInCounters {
  counters: readonly CounterRef[]
  heldNanousd: Nanousd
}

/** The budgets that count a call, with what its own stream holds. */
export interface CallBudgets {
  matched: readonly MatchedBudget[]
  counterOf: BudgetFacts['counterOf']
  newCountersMax: bigint
  hold: HeldInCounters | undefined
}

export function callBudgetsOf(
  { budgets, counterOf, newCountersMax }: BudgetFacts,
  { call, hold, at }: { call: PinnedCall; hold?: HeldInCounters; at: Date },
): CallBudgets {
  return { matched: matchBudgets(budgets, call, at), counterOf, newCountersMax, hold }
}

/** Whether the call would begin more counters than its user may have. */
export function needsTooManyCounters({ matched, counterOf, newCountersMax }: CallBudgets): boolean {
  if (newCountersMax >= BigInt(matched.length)) return false
  return BigInt(matched.filter(({ ref }) => counterOf(ref) === NEW_COUNTER).length) > newCountersMax
}

/** The amount that a budget leaves for a call, beside what its own stream holds. Negative after an overrun. */
export function leftFor({ budget, ref }: MatchedBudget, { counterOf, hold }: CallBudgets): Nanousd {
  const { spentNanousd, heldNanousd } = counterOf(ref)
  return budget.limitNanousd - spentNanousd - heldNanousd + heldIn(ref, hold)
}

function heldIn(ref: CounterRef, hold: HeldInCounters | undefined): Nanousd {
  if (hold === undefined) return 0n
  const text = counterText(ref)
  return hold.counters.some((counter) => counterText(counter) === text) ? hold.heldNanousd : 0n
}

/** The enforced budget that leaves the least room, and how much. Undefined = no budget limits the call. */
export function tightestBudgetOf(
  budgets: CallBudgets,
): { tightest: MatchedBudget; leftNanousd: Nanousd } | undefined {
  let found: { tightest: MatchedBudget; leftNanousd: Nanousd } | undefined
  for (const each of budgets.matched) {
    if (each.budget.action === 'warn') continue
    const leftNanousd = leftFor(each, budgets)
    if (found === undefined || leftNanousd < found.leftNanousd) found = { tightest: each, leftNanousd }
  }
  return found
}

/** A charge of the call, in every counter that counts it. The hold of its stream goes back. */
export function spendMoves(budgets: CallBudgets, amountNanousd: Nanousd): CounterMove[] {
  const spent = budgets.matched.map((each) => ({
    ...each.ref,
    spentDeltaNanousd: amountNanousd,
    heldDeltaNanousd: 0n,
    over: amountNanousd > leftFor(each, budgets),
  }))
  // Of most charges: each counter occurs once.
  if (budgets.hold === undefined) return amountNanousd === 0n ? [] : spent
  return combined([...spent, ...releaseMoves(budgets.hold)])
}

/**
 * A hold that begins or grows to an amount. It moves to the counters that count its call now, so that a
 * new window, a new budget and a new generation of one count the whole of it.
 */
export function holdMoves({ matched, hold }: CallBudgets, heldNanousd: Nanousd): CounterMove[] {
  const held = matched.map(({ ref }) => unflagged(ref, { heldDeltaNanousd: heldNanousd }))
  return combined([...held, ...releaseMoves(hold)])
}

function releaseMoves(hold: HeldInCounters | undefined): CounterMove[] {
  if (hold === undefined) return []
  return hold.counters.map((ref) => unflagged(ref, { heldDeltaNanousd: -hold.heldNanousd }))
}

/**
 * What goes back of a charge, to the very counters that counted it, where their windows still run.
 * `earlier` are the moves of the charge and of all that changed it since: no counter gets back more
 * than it counted.
 */
export function giveBackMoves(
  amountNanousd: Nanousd,
  earlier: readonly CounterMove[],
  { budgets, at }: { budgets: readonly Budget[]; at: Date },
): CounterMove[] {
  const leftOfBudget = new Map<string, Nanousd>()
  return combined(earlier).flatMap((counted) => {
    if (!stillRuns(counted, budgets, at)) return []
    const left = leftOfBudget.get(counted.budgetId) ?? amountNanousd
    const backNanousd = minOf(left, maxOf(counted.spentDeltaNanousd, 0n))
    leftOfBudget.set(counted.budgetId, left - backNanousd)
    return backNanousd === 0n ? [] : [unflagged(counted, { spentDeltaNanousd: -backNanousd })]
  })
}

function unflagged(
  { budgetId, generation, windowFrom, groupValues }: CounterRef,
  deltas: Partial<Pick<CounterMove, 'spentDeltaNanousd' | 'heldDeltaNanousd'>>,
): CounterMove {
  return {
    budgetId,
    generation,
    windowFrom,
    groupValues,
    spentDeltaNanousd: 0n,
    heldDeltaNanousd: 0n,
    over: false,
    ...deltas,
  }
}

/** One move for each counter, and none for a counter that stays as it is. */
export function combined(moves: readonly CounterMove[]): CounterMove[] {
  if (moves.length === 0) return []
  const byCounter = new Map<string, CounterMove>()
  for (const move of moves) {
    const text = counterText(move)
    const before = byCounter.get(text)
    byCounter.set(text, before === undefined ? move : sumOf(before, move))
  }
  return [...byCounter.values()].filter(
    ({ spentDeltaNanousd, heldDeltaNanousd }) => spentDeltaNanousd !== 0n || heldDeltaNanousd !== 0n,
  )
}

function sumOf(a: CounterMove, b: CounterMove): CounterMove {
  return {
    ...a,
    spentDeltaNanousd: a.spentDeltaNanousd + b.spentDeltaNanousd,
    heldDeltaNanousd: a.heldDeltaNanousd + b.heldDeltaNanousd,
    over: a.over || b.over,
  }
}
