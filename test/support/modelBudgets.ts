import type { BudgetDefinition } from '../../src/domain/budget/budget'
import { aBudget } from './budgets'

/** What a model's step asks of a budget. */
export interface BudgetWish {
  budget: number
  limit: bigint
  warns: boolean
  grouped: boolean
}

/** Two budgets that count every call of the model, and one that counts none. */
const NAMES = ['all', 'team', 'others'] as const
const COUNTING = NAMES.slice(0, 2)

export function nameOf(budget: number): string {
  return NAMES[budget % NAMES.length] ?? ''
}

export function definitionOf({ budget, limit, warns, grouped }: BudgetWish): BudgetDefinition {
  const team = { all: undefined, team: 'search', others: 'ads' }[nameOf(budget)]
  return aBudget({
    budgetId: nameOf(budget),
    match: { ...aBudget().match, labels: team === undefined ? {} : { team } },
    groupBy: grouped ? [{ by: 'apiKey' }] : [],
    limitNanousd: limit,
    action: warns ? 'warn' : 'enforce',
  })
}

interface Counter {
  spent: bigint
  held: bigint
}

/** Budgets as a plain model has them: names, sums, and which counters a hold or a charge is in. */
export class ModelBudgets {
  readonly #budgets = new Map<string, BudgetWish & { generation: number; live: boolean }>()
  readonly #counters = new Map<string, Counter>()
  /** The counters that hold a stream's amount, by its key. */
  readonly #holds = new Map<number, { counters: string[]; held: bigint }>()
  /** What a call or stream put into each counter. */
  readonly #counted = new Map<number, Map<string, bigint>>()

  put(wish: BudgetWish): string {
    const name = nameOf(wish.budget)
    const before = this.#budgets.get(name)
    const goesOn = before?.live === true && before.grouped === wish.grouped
    const generation = before === undefined ? 1 : goesOn ? before.generation : before.generation + 1
    this.#budgets.set(name, { ...wish, generation, live: true })
    return 'posted'
  }

  delete(budget: number): string {
    const found = this.#budgets.get(nameOf(budget))
    if (found?.live !== true) return 'BUDGET_NOT_FOUND'
    found.live = false
    return 'posted'
  }

  /** The least room that an enforced budget leaves, beside what the stream of a key holds. Undefined = none limits. */
  left(key?: number): bigint | undefined {
    const own = key === undefined ? undefined : this.#holds.get(key)
    let least: bigint | undefined
    for (const { counter, warns, limit } of this.#live()) {
      if (warns) continue
      const { spent, held } = this.#counter(counter)
      const left = limit - spent - held + (own?.counters.includes(counter) === true ? own.held : 0n)
      if (least === undefined || left < least) least = left
    }
    return least
  }

  spend(key: number, amount: bigint): void {
    const counted = this.#counted.get(key) ?? new Map<string, bigint>()
    for (const { counter } of this.#live()) {
      this.#counter(counter).spent += amount
      counted.set(counter, (counted.get(counter) ?? 0n) + amount)
    }
    this.#counted.set(key, counted)
  }

  /** The whole of what a stream holds, from now on in the counters that count it now. */
  hold(key: number, held: bigint): void {
    this.release(key)
    const counters = this.#live().map(({ counter }) => counter)
    for (const counter of counters) this.#counter(counter).held += held
    this.#holds.set(key, { counters, held })
  }

  release(key: number): void {
    const hold = this.#holds.get(key)
    for (const counter of hold?.counters ?? []) this.#counter(counter).held -= hold?.held ?? 0n
    this.#holds.delete(key)
  }

  giveBack(key: number, amount: bigint): void {
    const counted = this.#counted.get(key)
    for (const { counter } of this.#live()) {
      const there = counted?.get(counter) ?? 0n
      const back = there < amount ? there : amount
      this.#counter(counter).spent -= back
      counted?.set(counter, there - back)
    }
  }

  /** As `countersOfUser` shows them. */
  shown(): string[] {
    return [...this.#counters]
      .filter(([, { spent, held }]) => spent + held > 0n)
      .map(([counter, { spent, held }]) => `${counter}: ${spent}+${held}`)
      .sort()
  }

  #live(): { counter: string; warns: boolean; limit: bigint }[] {
    return COUNTING.flatMap((name) => {
      const budget = this.#budgets.get(name)
      if (budget?.live !== true) return []
      const group = budget.grouped ? '["key-1"]' : '[]'
      return [{ ...budget, counter: `${name}/${budget.generation} ${group}` }]
    })
  }

  #counter(counter: string): Counter {
    const known = this.#counters.get(counter)
    if (known !== undefined) return known
    const made = { spent: 0n, held: 0n }
    this.#counters.set(counter, made)
    return made
  }
}
