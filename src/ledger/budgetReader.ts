import { LRUCache } from 'lru-cache'
import type { UserCounterRef } from '../database/ledger/budgetColumns'
import type { LedgerConnection } from '../database/ledger/connection'
import type { BatchFacts, BudgetBatchFacts } from '../database/ledger/facts'
import { type Budget, budgetToJson } from '../domain/budget/budget'
import { counterText } from '../domain/budget/counter'
import type { Posting } from '../domain/decide/posting'
import type { User } from '../domain/ledger/user'
import { countersOf } from './batchCounters'

/** Of each lane. A definition of a few fields has 300. */
const REMEMBERED_CHARACTERS_MAX = 16_000_000

interface Remembered {
  version: bigint
  budgets: readonly Budget[]
}

/**
 * Reads the budgets that a batch is decided on. It remembers users' budgets, under the number that the user's locked row
 * shows again with every batch, so it never decides on old ones. Counters are read in every batch.
 */
export class BudgetReader {
  readonly #remembered = new LRUCache<string, Remembered>({
    maxSize: REMEMBERED_CHARACTERS_MAX,
    sizeCalculation: ({ budgets }) => JSON.stringify(budgets.map(budgetToJson)).length,
  })

  /** Whether a user was seen with budgets. */
  hasBudgets(userId: string): boolean {
    return this.#remembered.has(userId)
  }

  /** Undefined = no user of the batch has budgets. Belongs into the transaction that holds the users' locks. */
  async read(
    connection: LedgerConnection,
    facts: BatchFacts,
    { postings, now }: { postings: readonly Posting[]; now: Date },
  ): Promise<BudgetBatchFacts | undefined> {
    const users = facts.users.filter(({ budgetsVersion }) => budgetsVersion > 0n)
    if (users.length === 0) return undefined
    const budgets = await this.#budgetsOf(connection, users)
    const refs = uniqueCounters(countersOf(postings, { facts, budgets, now }))
    if (refs.length === 0) return { budgets, counters: [], counterTotals: new Map() }
    return { budgets, ...(await connection.readCounters(refs)) }
  }

  async #budgetsOf(
    connection: LedgerConnection,
    users: readonly User[],
  ): Promise<Map<string, readonly Budget[]>> {
    const found = new Map<string, readonly Budget[]>()
    const unknown: User[] = []
    for (const user of users) {
      const remembered = this.#remembered.get(user.userId)
      if (remembered?.version === user.budgetsVersion) found.set(user.userId, remembered.budgets)
      else unknown.push(user)
    }
    if (unknown.length === 0) return found
    const read = await connection.readBudgets(unknown.map(({ userId }) => userId))
    for (const { userId, budgetsVersion: version } of unknown) {
      const budgets = read.get(userId) ?? []
      this.#remembered.set(userId, { version, budgets })
      found.set(userId, budgets)
    }
    return found
  }
}

function uniqueCounters(refs: readonly UserCounterRef[]): UserCounterRef[] {
  return [...new Map(refs.map((ref) => [`${ref.userId}\0${counterText(ref)}`, ref])).values()]
}
