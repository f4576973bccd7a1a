import { LRUCache } from 'lru-cache'
import type { UserCounterRef } from '../database/ledger/budgetColumns'
import type { LedgerConnection } from '../database/ledger/connection'
import type { BatchFacts, BudgetBatchFacts } from '../database/ledger/facts'
import type { Write } from '../database/ledger/write'
import { type Budget, budgetToJson } from '../domain/budget/budget'
import { type Counter, counterText } from '../domain/budget/counter'
import type { Posting } from '../domain/decide/posting'
import type { User } from '../domain/ledger/user'
import { countersOf } from './batchCounters'

/** Of each lane. A definition of a few fields has 300. */
const REMEMBERED_CHARACTERS_MAX = 16_000_000
const REMEMBERED_USERS_MAX = 20_000
const REMEMBERED_COUNTERS_MAX = 50_000

/** A user's ledger at its last entry. Its counters change only with another entry. */
interface Head {
  hash: Buffer
  /** How many counters the user has. */
  counters: bigint
}

/**
 * Reads the budgets and counters that a batch is decided on, and remembers them. Budgets are remembered under the number that
 * the user's locked row shows again with every batch; counters under the hash of the user's last entry. Another process' entry
 * makes another hash, so nothing is ever decided on old counters.
 */
export class BudgetReader {
  readonly #budgets = new LRUCache<string, { version: bigint; budgets: readonly Budget[] }>({
    maxSize: REMEMBERED_CHARACTERS_MAX,
    sizeCalculation: ({ budgets }) => JSON.stringify(budgets.map(budgetToJson)).length,
  })
  readonly #heads = new LRUCache<string, Head>({ max: REMEMBERED_USERS_MAX })
  /** `counter` undefined = there is none yet. Void once its user has another head. */
  readonly #counters = new LRUCache<string, { head: Head; counter: Counter | undefined }>({
    max: REMEMBERED_COUNTERS_MAX,
  })
  #connection: LedgerConnection | undefined

  /** Whether a user was seen with budgets. */
  hasBudgets(userId: string): boolean {
    return this.#budgets.has(userId)
  }

  /** Undefined = no user of the batch has budgets. Belongs into the transaction that holds the users' locks. */
  async read(
    connection: LedgerConnection,
    facts: BatchFacts,
    { postings, now }: { postings: readonly Posting[]; now: Date },
  ): Promise<BudgetBatchFacts | undefined> {
    this.#follow(connection)
    const users = facts.users.filter(({ budgetsVersion }) => budgetsVersion > 0n)
    if (users.length === 0) return undefined
    const budgets = await this.#budgetsOf(connection, users)
    const refs = countersOf(postings, { facts, budgets, now })
    const heads = new Map(users.map((user) => [user.userId, this.#headOf(user)]))
    const counters = await this.#countersOf(connection, uniqueByText(refs), heads)
    return {
      budgets,
      counters,
      counterTotals: new Map([...heads].map(([userId, head]) => [userId, head.counters])),
    }
  }

  /** Remembers what a batch has written, except for users whose swap was lost. */
  wrote({ users, counters, newCounters }: Write, lostUsers: ReadonlySet<string>): void {
    const headOf = (userId: string) => (lostUsers.has(userId) ? undefined : this.#heads.peek(userId))
    for (const { user } of users) {
      const head = headOf(user.userId)
      if (head !== undefined) head.hash = user.lastHash
    }
    for (const { userId, count } of newCounters) {
      const head = headOf(userId)
      if (head !== undefined) head.counters += BigInt(count)
    }
    for (const record of counters) {
      const head = headOf(record.userId)
      if (head !== undefined) this.#counters.set(textOf(record), { head, counter: record.counter })
    }
  }

  /** Another connection may lead to another database, which continues from an earlier state. */
  #follow(connection: LedgerConnection): void {
    if (this.#connection === connection) return
    this.#connection = connection
    this.#budgets.clear()
    this.#heads.clear()
    this.#counters.clear()
  }

  #headOf({ userId, lastHash }: User): Head {
    const known = this.#heads.get(userId)
    if (known?.hash.equals(lastHash) === true) return known
    const head = { hash: lastHash, counters: 0n }
    this.#heads.set(userId, head)
    return head
  }

  async #budgetsOf(
    connection: LedgerConnection,
    users: readonly User[],
  ): Promise<Map<string, readonly Budget[]>> {
    const found = new Map<string, readonly Budget[]>()
    const unknown: User[] = []
    for (const user of users) {
      const remembered = this.#budgets.get(user.userId)
      if (remembered?.version === user.budgetsVersion) found.set(user.userId, remembered.budgets)
      else unknown.push(user)
    }
    if (unknown.length === 0) return found
    const read = await connection.readBudgets(unknown.map(({ userId }) => userId))
    for (const { userId, budgetsVersion: version } of unknown) {
      const budgets = read.get(userId) ?? []
      this.#budgets.set(userId, { version, budgets })
      found.set(userId, budgets)
    }
    return found
  }

  async #countersOf(
    connection: LedgerConnection,
    refs: ReadonlyMap<string, UserCounterRef>,
    heads: ReadonlyMap<string, Head>,
  ): Promise<BudgetBatchFacts['counters']> {
    const found: BudgetBatchFacts['counters'] = []
    const unknown: UserCounterRef[] = []
    for (const [text, ref] of refs) {
      const remembered = this.#counters.get(text)
      if (remembered !== undefined && remembered.head === heads.get(ref.userId))
        found.push({ ref, counter: remembered.counter })
      else unknown.push(ref)
    }
    if (unknown.length === 0) return found
    const { counters, counterTotals } = await connection.readCounters(unknown)
    for (const { ref, counter } of counters) {
      const head = heads.get(ref.userId)
      if (head !== undefined) this.#counters.set(textOf(ref), { head, counter })
      found.push({ ref, counter })
    }
    for (const [userId, total] of counterTotals) {
      const head = heads.get(userId)
      if (head !== undefined) head.counters = total
    }
    return found
  }
}

function uniqueByText(refs: readonly UserCounterRef[]): Map<string, UserCounterRef> {
  return new Map(refs.map((ref) => [textOf(ref), ref]))
}

function textOf(ref: UserCounterRef): string {
  return `${ref.userId}\0${counterText(ref)}`
}
