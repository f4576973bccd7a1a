import type { StoredBudget } from '../../domain/budget/budget'
import type { Actor } from '../../domain/ledger/actor'
import type { LedgerEntry } from '../../domain/ledger/entry'
import type { Hold } from '../../domain/ledger/hold'
import type { KeyRef } from '../../domain/ledger/keyRef'
import type { User } from '../../domain/ledger/user'
import { arrayText } from './arrayText'
import {
  BUDGET_COLUMNS,
  COUNTED_COLUMNS,
  COUNTER_COLUMNS,
  COUNTER_KEY_COLUMNS,
  type CounterRecord,
  type UserCounterRef,
} from './budgetColumns'
import {
  type Column,
  ENTRY_COLUMNS,
  FAILURE_COLUMNS,
  type FailureRecord,
  HOLD_COLUMNS,
  holdRowsOf,
  PROFILE_COLUMNS,
  USER_COLUMNS,
} from './columns'

/** The writes of a batch. They happen at once; a user's part is written only if the user is still at the version read. */
export interface Write {
  users: { user: User; expectedVersion: bigint }[]
  entries: { entry: LedgerEntry; requestHash: Buffer }[]
  /** The users whose profile changed. Only for a transaction that holds the users' locks. */
  profiles: User[]
  holds: { hold: Hold; isNew: boolean }[]
  failures: FailureRecord[]
  resolvedFailures: ResolvedFailure[]
  /** Budgets' counters after the batch. */
  counters: CounterRecord[]
  /** How many of them are new, by user. */
  newCounters: { userId: string; count: number }[]
  /** Budgets that were put or deleted. Only for a transaction that holds the users' locks. */
  budgets: { userId: string; budget: StoredBudget; version: bigint }[]
}

/** A failure that was deducted, and at whose request. */
export interface ResolvedFailure extends KeyRef {
  actor: Actor
}

/** In the order in which `writeStatements.ts` numbers them. */
export function swapParameters(write: Write): string[] {
  return [
    arrayText(write.users.map(({ user }) => user.userId)),
    arrayText(write.users.map(({ expectedVersion }) => expectedVersion)),
    ...arraysOf(
      USER_COLUMNS,
      write.users.map(({ user }) => user),
    ),
    ...arraysOf(
      ENTRY_COLUMNS,
      write.entries.map(({ entry }) => entry),
    ),
    arrayText(write.entries.map(({ requestHash }) => requestHash)),
  ]
}

/** The parameters of `SWAP_ONE`. Undefined = there is more to write than one entry of one user. */
export function swapOneParameters({ users, entries }: Write): unknown[] | undefined {
  const [swap] = users
  const [posted] = entries
  if (users.length !== 1 || entries.length !== 1 || swap === undefined || posted === undefined)
    return undefined
  return [
    swap.user.userId,
    swap.expectedVersion,
    swap.user.failureWrites,
    ...USER_COLUMNS.map((column) => column.value(swap.user) ?? null),
    ...ENTRY_COLUMNS.map((column) => column.value(posted.entry) ?? null),
    posted.requestHash,
  ]
}

/** Users whose failures are written without an entry of theirs. */
export function usersOfFailuresAlone({ users, failures }: Write): string[] {
  const swapped = new Set(users.map(({ user }) => user.userId))
  return [...new Set(failures.map(({ userId }) => userId))].filter((userId) => !swapped.has(userId)).sort()
}

export function swapWithHoldsParameters(write: Write): string[] {
  const rowsOf = (isNew: boolean) =>
    holdRowsOf(write.holds.filter((hold) => hold.isNew === isNew).map(({ hold }) => hold))
  return [
    ...swapParameters(write),
    ...arraysOf(HOLD_COLUMNS, rowsOf(true)),
    ...arraysOf(HOLD_COLUMNS, rowsOf(false)),
    ...arraysOf(FAILURE_COLUMNS, write.failures),
    arrayText(write.resolvedFailures.map(({ userId }) => userId)),
    arrayText(write.resolvedFailures.map(({ keyId }) => keyId)),
    arrayText(write.resolvedFailures.map(({ actor }) => actor || undefined)),
  ]
}

/** The further parameters of a statement that writes counters. */
export function counterParameters({ counters, newCounters }: Write): string[] {
  return [
    ...arraysOf(
      COUNTER_COLUMNS,
      counters.filter(({ isNew }) => isNew),
    ),
    ...arraysOf(
      [...COUNTER_KEY_COLUMNS, ...COUNTED_COLUMNS],
      counters.filter(({ isNew }) => !isNew),
    ),
    arrayText(newCounters.map(({ userId }) => userId)),
    arrayText(newCounters.map(({ count }) => count)),
  ]
}

export function counterKeyParameters(refs: readonly UserCounterRef[]): string[] {
  return arraysOf(COUNTER_KEY_COLUMNS, refs)
}

/** The parameters of `PUT_BUDGETS`. */
export function budgetParameters(budgets: Write['budgets']): string[] {
  return [...arraysOf(BUDGET_COLUMNS, budgets), arrayText(budgets.map(({ version }) => version))]
}

/** The parameters of `UPDATE_PROFILES`. */
export function profileParameters(users: readonly User[]): string[] {
  return [
    arrayText(users.map(({ userId }) => userId)),
    arrayText(users.map(({ version }) => version)),
    ...arraysOf(PROFILE_COLUMNS, users),
  ]
}

function arraysOf<T>(columns: readonly Pick<Column<never, T>, 'value'>[], records: readonly T[]): string[] {
  return columns.map((column) => arrayText(records.map((record) => column.value(record))))
}
