import type { CounterRecord } from '../database/ledger/budgetColumns'
import type { BatchFacts } from '../database/ledger/facts'
import type { Write } from '../database/ledger/write'
import { type Budget, COUNTERS_MAX, type StoredBudget } from '../domain/budget/budget'
import {
  type BudgetFacts,
  type Counter,
  type CounterMove,
  type CounterRef,
  counterText,
  movedCounter,
  NEW_COUNTER,
} from '../domain/budget/counter'
import { keptUntil } from '../domain/budget/matchBudgets'
import type { Posted, Posting } from '../domain/decide/posting'
import { putBudgetIdOf } from './batchRefs'

/** A threshold of a budget that a user's spend has passed. */
export interface PassedThreshold {
  userId: string
  budget: Budget
  groupValues: readonly string[]
  percent: number
}

/** The budgets and counters of a batch's users, as its postings leave them one after the other. */
export class BatchBudgets {
  readonly #budgets: Map<string, readonly Budget[]>
  readonly #stored: Map<string, StoredBudget>
  readonly #counters = new Map<string, Counter>()
  readonly #totals: Map<string, bigint>
  /** Generations that begin in this batch: their counters have counted nothing, so they were not read. */
  readonly #begun = new Set<string>()
  readonly #changed = new Map<string, CounterRecord>()
  readonly #made = new Map<string, number>()
  readonly #put = new Map<string, { userId: string; budget: StoredBudget }>()
  readonly #passed: PassedThreshold[] = []

  constructor({ storedBudgets, budgets }: Pick<BatchFacts, 'storedBudgets' | 'budgets'>) {
    this.#budgets = new Map(budgets?.budgets)
    this.#totals = new Map(budgets?.counterTotals)
    this.#stored = new Map(storedBudgets.map(({ userId, budget }) => [budgetText(userId, budget), budget]))
    for (const { ref, counter } of budgets?.counters ?? [])
      this.#counters.set(ofUser(ref.userId, ref), counter ?? NEW_COUNTER)
  }

  /** Undefined = the user has no budgets. */
  factsOf(userId: string): BudgetFacts | undefined {
    const budgets = this.#budgets.get(userId)
    if (budgets === undefined) return undefined
    return {
      budgets,
      counterOf: (ref) => this.#counterOf(userId, ref),
      newCountersMax: COUNTERS_MAX - (this.#totals.get(userId) ?? 0n),
    }
  }

  /** The budget that a posting puts or deletes. */
  storedOf(posting: Posting): StoredBudget | undefined {
    const budgetId = putBudgetIdOf(posting)
    return budgetId === undefined ? undefined : this.#stored.get(budgetText(posting.userId, { budgetId }))
  }

  apply({ entry, budget }: Posted): void {
    for (const move of entry.counterMoves ?? []) this.#move(entry.userId, move)
    if (budget !== undefined) this.#change(entry.userId, budget)
  }

  /** `versionOf`: a user's version after the batch. */
  write(
    versionOf: (userId: string) => bigint,
  ): Pick<Write, 'counters' | 'newCounters' | 'budgets'> & { passed: readonly PassedThreshold[] } {
    return {
      counters: [...this.#changed.values()],
      newCounters: [...this.#made].map(([userId, count]) => ({ userId, count })),
      budgets: [...this.#put.values()].map((put) => ({ ...put, version: versionOf(put.userId) })),
      passed: this.#passed,
    }
  }

  #counterOf(userId: string, ref: CounterRef): Counter {
    const counter = this.#counters.get(ofUser(userId, ref))
    if (counter !== undefined) return counter
    if (this.#begun.has(generationText(userId, ref))) return NEW_COUNTER
    throw new Error(`a counter of budget ${ref.budgetId} was not read`)
  }

  #move(userId: string, move: CounterMove): void {
    const text = ofUser(userId, move)
    const before = this.#counterOf(userId, move)
    const budget = this.#budgets
      .get(userId)
      ?.find(({ budgetId, generation }) => budgetId === move.budgetId && generation === move.generation)
    const { counter, passedPercents } = movedCounter(before, move, budget)
    const changed = this.#changed.get(text)
    const isNew = changed?.isNew ?? before === NEW_COUNTER
    let kept = changed?.keptUntil
    if (before === NEW_COUNTER) {
      kept = budget && keptUntil(budget.window, move.windowFrom)
      this.#made.set(userId, (this.#made.get(userId) ?? 0) + 1)
      this.#totals.set(userId, (this.#totals.get(userId) ?? 0n) + 1n)
    }
    this.#counters.set(text, counter)
    this.#changed.set(text, { ...move, userId, counter, isNew, keptUntil: kept })
    if (budget === undefined) return
    for (const percent of passedPercents)
      this.#passed.push({ userId, budget, groupValues: move.groupValues, percent })
  }

  #change(userId: string, after: StoredBudget): void {
    const key = budgetText(userId, after)
    if (this.#stored.get(key)?.generation !== after.generation) this.#begun.add(generationText(userId, after))
    this.#stored.set(key, after)
    this.#put.set(key, { userId, budget: after })
    const others = (this.#budgets.get(userId) ?? []).filter(({ budgetId }) => budgetId !== after.budgetId)
    const budgets = after.deleted ? others : [...others, after]
    this.#budgets.set(
      userId,
      budgets.sort((a, b) => (a.budgetId < b.budgetId ? -1 : 1)),
    )
  }
}

function ofUser(userId: string, ref: CounterRef): string {
  return `${userId}\0${counterText(ref)}`
}

function budgetText(userId: string, { budgetId }: { budgetId: string }): string {
  return `${userId}\0${budgetId}`
}

function generationText(
  userId: string,
  { budgetId, generation }: Pick<CounterRef, 'budgetId' | 'generation'>,
): string {
  return `${userId}\0${budgetId}\0${generation}`
}
