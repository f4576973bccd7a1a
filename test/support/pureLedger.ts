import type { BatchFacts } from '../../src/database/ledger/facts'
import type { StoredBudget } from '../../src/domain/budget/budget'
import { type Counter, counterText } from '../../src/domain/budget/counter'
import type { Posted, Posting } from '../../src/domain/decide/posting'
import { type ChargeChanges, UNCHANGED, withChange } from '../../src/domain/ledger/chargeState'
import type { LedgerEntry } from '../../src/domain/ledger/entry'
import type { Hold } from '../../src/domain/ledger/hold'
import { keyRefText } from '../../src/domain/ledger/keyRef'
import type { User } from '../../src/domain/ledger/user'
import { decideBatch } from '../../src/ledger/batch'
import type { PassedThreshold } from '../../src/ledger/batchBudgets'
import { countersOf } from '../../src/ledger/batchCounters'
import { refsOf } from '../../src/ledger/batchRefs'
import { aUser, TRIAL_RULES, USD } from './postings'

/** One user's ledger in memory, at any time: the engine's own decisions, without a database. */
export class PureLedger {
  user: User
  /** What stands in the list of deduction failures. */
  failures: BatchFacts['failures'] = []
  /** Counters that the user has beside those that it was seen to make. */
  furtherCounters = 0n
  readonly entries: LedgerEntry[] = []
  readonly passed: PassedThreshold[] = []
  readonly #budgets = new Map<string, StoredBudget>()
  readonly #counters = new Map<string, Counter>()
  readonly #names = new Map<string, string>()
  readonly #holds = new Map<string, Hold>()
  readonly #known = new Map<string, BatchFacts['known'][number]>()
  readonly #changes = new Map<string, ChargeChanges>()

  constructor(user: Partial<User> = {}) {
    this.user = aUser({ creditsNanousd: 1_000n * USD, ...user })
  }

  /** The decision of a posting at an instant. A refusal is its reason. */
  post(posting: Posting, at: string): Posted | string {
    const [result] = this.postAll([posting], at)
    if (result === undefined) throw new Error('nothing was decided')
    return result
  }

  /** One batch. */
  postAll(postings: readonly Posting[], at: string): (Posted | string)[] {
    const now = new Date(at)
    const facts = this.#factsOf(postings, now)
    const { decisions, write, passed } = decideBatch(facts, postings, { rules: { trial: TRIAL_RULES }, now })
    this.passed.push(...passed)
    for (const { user } of write.users) this.user = user
    for (const { hold } of write.holds) this.#holds.set(keyRefText(hold), hold)
    for (const { budget } of write.budgets) this.#budgets.set(budget.budgetId, budget)
    for (const { entry, requestHash } of write.entries) this.#add(entry, requestHash)
    for (const { counter, ...ref } of write.counters) {
      this.#counters.set(counterText(ref), counter)
      const window = ref.windowFrom.toISOString().replace(/:00(\.000)?Z$|\.000Z$/, '')
      this.#names.set(
        counterText(ref),
        [`${ref.budgetId}/${ref.generation}`, window, ...ref.groupValues].join(' '),
      )
    }
    return decisions.map((decision) => {
      if (decision.outcome === 'failed') throw decision.error
      if (decision.outcome === 'refused') return decision.error.reason
      return decision.outcome === 'posted' ? decision : decision.outcome
    })
  }

  /** `budget/generation window group`: spent, and held where something is. */
  get counters(): Record<string, string> {
    const shown = [...this.#counters]
      .filter(([, { spentNanousd, heldNanousd }]) => spentNanousd + heldNanousd > 0n)
      .map(([text, { spentNanousd, heldNanousd }]): [string, string] => [
        this.#names.get(text) ?? text,
        heldNanousd === 0n ? `${spentNanousd}` : `${spentNanousd}+${heldNanousd}`,
      ])
    return Object.fromEntries(shown.sort())
  }

  #add(entry: LedgerEntry, requestHash: Buffer): void {
    this.entries.push(entry)
    this.#known.set(keyRefText(entry), { entry, requestHash })
    if (entry.kind !== 'refund' && entry.kind !== 'adjustment') return
    const key = keyRefText({ userId: entry.userId, keyId: entry.chargeKeyId ?? '' })
    this.#changes.set(key, withChange(this.#changes.get(key) ?? UNCHANGED, entry))
  }

  #factsOf(postings: readonly Posting[], now: Date): BatchFacts {
    const { userId } = this.user
    const refs = refsOf(postings)
    const facts: BatchFacts = {
      users: [this.user],
      known: refs.keys.flatMap((key) => this.#known.get(keyRefText(key)) ?? []),
      failures: this.failures,
      holds: refs.holds.flatMap((key) => this.#holds.get(keyRefText(key)) ?? []),
      changes: (refs.charges ?? []).map((ref) => ({
        ref,
        changes: this.#changes.get(keyRefText(ref)) ?? UNCHANGED,
      })),
      storedBudgets: (refs.budgets ?? []).flatMap(({ budgetId }) => {
        const budget = this.#budgets.get(budgetId)
        return budget === undefined ? [] : [{ userId, budget }]
      }),
    }
    if (this.user.budgetsVersion === 0n) return facts
    const budgets = new Map([[userId, [...this.#budgets.values()].filter(({ deleted }) => !deleted)]])
    const counters = countersOf(postings, { facts, budgets, now }).map((ref) => ({
      ref,
      counter: this.#counters.get(counterText(ref)),
    }))
    const counterTotals = new Map([[userId, BigInt(this.#counters.size) + this.furtherCounters]])
    return { ...facts, budgets: { budgets, counters, counterTotals } }
  }
}
