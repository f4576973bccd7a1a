import { type AliasableExpression, type Selectable, sql } from 'kysely'
import { PROFILE_COLUMNS, USER_COLUMNS } from '../ledger/columns'
import type { UserRow } from '../schema'
import {
  builder,
  columnsFrom,
  namesOf,
  Parameters,
  prepared,
  rowsOf,
  valuesFor,
} from '../statements/statement'

/** Columns are listed: a column that a later migration adds must not break the plans of an older process. */
const USER_ROW = [
  'user_id',
  'created_at',
  'failure_writes',
  ...namesOf(PROFILE_COLUMNS),
  ...namesOf(USER_COLUMNS),
] as const

const ofUserIds = builder
  .selectFrom('users')
  .select(USER_ROW)
  .where('user_id', '=', sql<string>`any(${new Parameters().value('text[]')})`)

/**
 * Locks users in id order. Sorting the parameter does not order the locks; `order by` in the locking statement
 * does. `no key update` leaves foreign keys and readers alone.
 */
export const LOCK_USERS = prepared('lock_users', ofUserIds.orderBy('user_id').forNoKeyUpdate())

export const READ_USERS = prepared('read_users', ofUserIds)

/**
 * The versioned compare-and-swap of many users: those whose version is still the one that was read. The statements that
 * write the ledger begin with it, and write only for the users in `swapped`.
 */
export function swapUsers(parameters: Parameters) {
  const next = rowsOf<Selectable<UserRow> & { expected_version: bigint }, 'v'>(
    'v',
    [{ name: 'user_id', type: 'text' }, { name: 'expected_version', type: 'int8' }, ...USER_COLUMNS],
    parameters,
  )
  return builder.with('swapped', (query) =>
    query
      .updateTable('users as u')
      .from(next)
      .set(columnsFrom('v', USER_COLUMNS))
      .whereRef('u.user_id', '=', 'v.user_id')
      .whereRef('u.version', '=', 'v.expected_version')
      .returning('u.user_id'),
  )
}

/** The parameters of {@link swapUser}. */
export function oneUser(parameters: Parameters) {
  return {
    userId: parameters.value('text'),
    expectedVersion: parameters.value('int8'),
    expectedFailureWrites: parameters.value('int8'),
    next: valuesFor(USER_COLUMNS, parameters),
  }
}

/**
 * The same swap of one user. Where `isKnown` holds in the statement's own snapshot, nothing is swapped; nor is it where a
 * failure was written since the user was read, which that snapshot may not show.
 */
export function swapUser(
  isKnown: AliasableExpression<boolean>,
  { userId, expectedVersion, expectedFailureWrites, next }: ReturnType<typeof oneUser>,
) {
  return builder
    .with(
      (name) => name('key').materialized(),
      (query) => query.selectNoFrom(isKnown.as('is_known')),
    )
    .with('swapped', (query) =>
      query
        .updateTable('users')
        .set(next)
        .where('user_id', '=', userId)
        .where('version', '=', expectedVersion)
        .where('failure_writes', '=', expectedFailureWrites)
        .where(({ not, selectFrom }) => not(selectFrom('key').select('key.is_known')).$castTo<boolean>())
        .returning('user_id'),
    )
}

/** Makes swaps by processes that haven't seen a new deduction failure of these users fail. */
export const NOTE_FAILURES = prepared(
  'note_failures',
  builder
    .updateTable('users')
    .set({ failure_writes: sql<bigint>`users.failure_writes + 1` })
    .where('user_id', '=', sql<string>`any(${new Parameters().value('text[]')})`),
)

/** Writes profiles of users that the same transaction has just swapped to a version. */
export const UPDATE_PROFILES = prepared(
  'update_profiles',
  builder
    .updateTable('users as u')
    .from(
      rowsOf<Selectable<UserRow>, 'v'>(
        'v',
        [{ name: 'user_id', type: 'text' }, { name: 'version', type: 'int8' }, ...PROFILE_COLUMNS],
        new Parameters(),
      ),
    )
    .set(columnsFrom('v', PROFILE_COLUMNS))
    .whereRef('u.user_id', '=', 'v.user_id')
    .whereRef('u.version', '=', 'v.version'),
)
