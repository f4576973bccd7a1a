import { Client, type QueryResultRow } from 'pg'
import type { Budget } from '../../domain/budget/budget'
import type { LedgerEntry } from '../../domain/ledger/entry'
import { compareKeyRefs, type KeyRef } from '../../domain/ledger/keyRef'
import { budgetFromRow, counterFromRow } from '../budgets'
import { type ConnectionSettings, SESSION_OPTIONS } from '../database'
import { CommitRefused } from '../errors'
import { holdFromRow } from '../holds/holdRow'
import type { RowOf, Statement } from '../statements/statement'
import { LOCK_USERS, NOTE_FAILURES, READ_USERS, UPDATE_PROFILES } from '../users/userStatements'
import { arrayText } from './arrayText'
import type { UserCounterRef } from './budgetColumns'
import {
  PUT_BUDGETS,
  READ_BUDGETS,
  READ_COUNTER_TOTALS,
  READ_COUNTERS,
  READ_STORED_BUDGETS,
} from './budgetStatements'
import {
  type BatchFacts,
  type BatchRefs,
  type BudgetBatchFacts,
  changesFromRow,
  failureFromRow,
  knownFromRow,
  storedBudgetFromRow,
} from './facts'
import { LOCK_HOLDS, READ_CHANGES, READ_FAILURES, READ_KEYS } from './readStatements'
import { userFromRow } from './rows'
import {
  budgetParameters,
  counterKeyParameters,
  counterParameters,
  profileParameters,
  swapOneParameters,
  swapParameters,
  swapWithHoldsParameters,
  usersOfFailuresAlone,
  type Write,
} from './write'
import {
  SWAP,
  SWAP_NEW_KEY,
  SWAP_ONE,
  SWAP_WITH_COUNTERS,
  SWAP_WITH_HOLDS,
  SWAP_WITH_HOLDS_AND_COUNTERS,
} from './writeStatements'

export interface WriteResult {
  /** Users who were still at the version read. Nothing was written for the others. */
  swappedUserIds: string[]
  databaseNow: Date
}

/** Identifies a server process. A pid alone does not, because pids are reused. */
export interface BackendId {
  pid: number
  startedAt: string
}

/**
 * One lane's own connection. Statements are named (prepared once) and pipelined, so a step costs one round trip. After a
 * transport error the connection is broken and never used again.
 */
export class LedgerConnection {
  readonly #client: Client
  readonly backend: BackendId
  readonly connectedAt: Date
  broken = false

  private constructor(client: Client, backend: BackendId, connectedAt: Date) {
    this.#client = client
    this.backend = backend
    this.connectedAt = connectedAt
    client.on('error', () => {
      this.broken = true
    })
    client.on('end', () => {
      this.broken = true
    })
  }

  static async open(settings: ConnectionSettings): Promise<LedgerConnection> {
    const client = new Client({
      ...settings,
      pipeline: true,
      application_name: 'tollgate ledger',
      connectionTimeoutMillis: 5_000,
      // Locks span one round trip to this process. If the process is paused, others continue after this.
      idle_in_transaction_session_timeout: 5_000,
      // Above Postgres' deadlock_timeout (1 s), so that a deadlock is reported as one before the wait times out.
      lock_timeout: 1_500,
      statement_timeout: 10_000,
      // For a server that no longer answers: its own limits can't help then.
      query_timeout: 12_000,
      keepAlive: true,
      // One plan serves every batch size; planning costs more than running. Every probe is by a primary key, but a plan
      // that was made on an empty, vacuumed table would scan it, and would keep scanning while the table grows.
      options: `-c plan_cache_mode=force_generic_plan -c jit=off -c enable_seqscan=off ${SESSION_OPTIONS}`,
    })
    client.on('error', () => {})
    try {
      await client.connect()
      const { rows } = await client.query<{ pid: number; started_at: string; now: Date }>(
        'select pid, backend_start::text as started_at, clock_timestamp() as now from pg_stat_activity where pid = pg_backend_pid()',
      )
      const row = rows[0]
      if (row === undefined) throw new Error('the server does not know this connection')
      return new LedgerConnection(client, { pid: row.pid, startedAt: row.started_at }, row.now)
    } catch (error) {
      await closeQuietly(client)
      throw error
    }
  }

  /**
   * Begins a transaction, locks the users in id order and then the holds, and reads what the keys did before. Keys are
   * read in a later statement than the locks: a snapshot from before a lock wait would miss what the wait was for.
   */
  async lockAndRead({
    userIds,
    keys,
    failures: failureKeys,
    holds,
    charges = [],
    budgets = [],
  }: BatchRefs): Promise<BatchFacts> {
    const [, users, locked, known, failures, changes, stored] = await this.#all([
      this.#client.query('begin'),
      this.#run(LOCK_USERS, [arrayText(userIds.toSorted())]),
      holds.length === 0 ? undefined : this.#run(LOCK_HOLDS, arraysOf(holds.toSorted(compareKeyRefs))),
      this.#run(READ_KEYS, arraysOf(keys)),
      this.#run(READ_FAILURES, arraysOf(failureKeys)),
      charges.length === 0 ? undefined : this.#run(READ_CHANGES, arraysOf(charges)),
      budgets.length === 0 ? undefined : this.#run(READ_STORED_BUDGETS, budgetKeysOf(budgets)),
    ])
    return {
      users: users?.map(userFromRow) ?? [],
      holds: locked?.map(holdFromRow) ?? [],
      known: known?.map(knownFromRow) ?? [],
      failures: failures?.map(failureFromRow) ?? [],
      changes: changes?.map(changesFromRow) ?? [],
      storedBudgets: stored?.map(storedBudgetFromRow) ?? [],
    }
  }

  /** Reads users without locks. Only {@link writeNewKey} may write what is decided on them: it notices stale reads. */
  async read(userIds: string[]): Promise<BatchFacts> {
    const users = await this.#run(READ_USERS, [arrayText(userIds)])
    return {
      users: users.map(userFromRow),
      holds: [],
      known: [],
      failures: [],
      changes: [],
      storedBudgets: [],
    }
  }

  /** The budgets of users that are in force, within the transaction of {@link lockAndRead}. */
  async readBudgets(userIds: readonly string[]): Promise<Map<string, Budget[]>> {
    const rows = await this.#run(READ_BUDGETS, [arrayText(userIds)])
    const found = new Map<string, Budget[]>(userIds.map((userId) => [userId, []]))
    for (const row of rows) found.get(row.user_id)?.push(budgetFromRow(row))
    return found
  }

  /** Counters by their keys, and how many their users have, within the transaction of {@link lockAndRead}. */
  async readCounters(
    refs: readonly UserCounterRef[],
  ): Promise<Pick<BudgetBatchFacts, 'counters' | 'counterTotals'>> {
    const userIds = [...new Set(refs.map(({ userId }) => userId))]
    const [rows, totals] = await this.#all([
      this.#run(READ_COUNTERS, counterKeyParameters(refs)),
      this.#run(READ_COUNTER_TOTALS, [arrayText(userIds)]),
    ])
    const counters: BudgetBatchFacts['counters'] = refs.map((ref) => ({ ref, counter: undefined }))
    for (const row of rows) {
      const found = counters[Number(row.position) - 1]
      if (found !== undefined) found.counter = counterFromRow(row)
    }
    return { counters, counterTotals: new Map(totals.map((row) => [row.user_id, row.counters])) }
  }

  /**
   * Writes one entry of one user in one statement, which is a transaction of its own. If anything is known under its
   * key, it writes nothing.
   */
  async writeNewKey(write: Write): Promise<WriteResult & { keyIsKnown: boolean }> {
    const one = swapOneParameters(write)
    const { profiles, holds, failures, resolvedFailures, counters } = write
    const others = [profiles, holds, failures, resolvedFailures, counters]
    if (one === undefined || others.some(({ length }) => length > 0))
      throw new Error('there is more to write than one entry')
    const rows = await this.#run(SWAP_NEW_KEY, one)
    return { ...resultOf(rows), keyIsKnown: rows[0]?.is_known === true }
  }

  /** Writes and commits the transaction of {@link lockAndRead}. A lost swap writes nothing, so the commit is sent along. */
  async writeAndCommit(write: Write): Promise<WriteResult> {
    const refused = usersOfFailuresAlone(write)
    const [rows] = await this.#all([
      this.#swap(write),
      // A second statement: one statement can change a row only once, and charges should not pay for these columns.
      write.profiles.length === 0 ? undefined : this.#run(UPDATE_PROFILES, profileParameters(write.profiles)),
      write.budgets.length === 0 ? undefined : this.#run(PUT_BUDGETS, budgetParameters(write.budgets)),
      refused.length === 0 ? undefined : this.#run(NOTE_FAILURES, [arrayText(refused)]),
      this.#commit(),
    ])
    return resultOf(rows ?? [])
  }

  async rollback(): Promise<void> {
    await this.#client.query('rollback')
  }

  /**
   * Ends another connection's server process and waits until it is gone. True = nothing that it was sent can still
   * commit.
   */
  async endBackend(backend: BackendId): Promise<boolean> {
    const { rows } = await this.#client.query<{ gone: boolean | null }>(
      `select bool_and(pg_terminate_backend(pid, 5000)) as gone from pg_stat_activity
       where pid = $1 and backend_start = $2::timestamptz`,
      [backend.pid, backend.startedAt],
    )
    // No row = it was gone already.
    return rows[0]?.gone !== false
  }

  /** The hash of an entry. Undefined = there is no such entry. */
  async entryHash({ userId, version }: Pick<LedgerEntry, 'userId' | 'version'>): Promise<Buffer | undefined> {
    const { rows } = await this.#client.query<{ hash: Buffer }>(
      'select hash from ledger_entries where user_id = $1 and version = $2',
      [userId, version],
    )
    return rows[0]?.hash
  }

  async close(): Promise<void> {
    this.broken = true
    await closeQuietly(this.#client)
  }

  async #commit(): Promise<undefined> {
    const { command } = await this.#client.query('commit')
    if (command !== 'COMMIT') throw new CommitRefused(`COMMIT was answered by ${command}`)
    return undefined
  }

  #swap(write: Write): Promise<SwapRow[]> {
    const needsHolds = write.holds.length + write.failures.length + write.resolvedFailures.length > 0
    if (write.counters.length > 0) {
      return needsHolds
        ? this.#run(SWAP_WITH_HOLDS_AND_COUNTERS, [
            ...swapWithHoldsParameters(write),
            ...counterParameters(write),
          ])
        : this.#run(SWAP_WITH_COUNTERS, [...swapParameters(write), ...counterParameters(write)])
    }
    if (needsHolds) return this.#run(SWAP_WITH_HOLDS, swapWithHoldsParameters(write))
    const one = swapOneParameters(write)
    if (one !== undefined) return this.#run(SWAP_ONE, one)
    return this.#run(SWAP, swapParameters(write))
  }

  async #run<Row>({ name, text }: Statement<Row>, values: unknown[]): Promise<Row[]> {
    const { rows } = await this.#client.query<Row & QueryResultRow>({ name, text, values })
    return rows
  }

  /** Waits for every answer of a flush, so that none is mistaken for a later one; then throws the first error. */
  async #all<T extends readonly (Promise<unknown> | undefined)[]>(
    answers: [...T],
  ): Promise<{ [K in keyof T]: Awaited<T[K]> }> {
    const settled = await Promise.allSettled(answers)
    for (const answer of settled) if (answer.status === 'rejected') throw answer.reason
    return settled.map((answer) => (answer as PromiseFulfilledResult<unknown>).value) as {
      [K in keyof T]: Awaited<T[K]>
    }
  }
}

type SwapRow = RowOf<typeof SWAP>

function resultOf(rows: readonly SwapRow[]): WriteResult {
  const row = rows[0]
  if (row === undefined) throw new Error('the swap gave no answer')
  return { swappedUserIds: row.user_ids, databaseNow: row.now }
}

function budgetKeysOf(budgets: NonNullable<BatchRefs['budgets']>): [string, string] {
  return [arrayText(budgets.map(({ userId }) => userId)), arrayText(budgets.map(({ budgetId }) => budgetId))]
}

function arraysOf(keys: readonly KeyRef[]): [string, string] {
  return [arrayText(keys.map(({ userId }) => userId)), arrayText(keys.map(({ keyId }) => keyId))]
}

async function closeQuietly(client: Client): Promise<void> {
  try {
    await client.end()
  } catch {
    // It was broken already.
  }
}
