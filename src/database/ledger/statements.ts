import {
  type Column,
  ENTRY_COLUMNS,
  FAILURE_COLUMNS,
  HOLD_COLUMNS,
  PROFILE_COLUMNS,
  USER_COLUMNS,
} from './columns'

/**
 * The ledger's statements. Each is prepared once per connection under its name; columns are listed, so that a column
 * added by a later migration doesn't break a plan that an older process holds.
 */

const USER_ROW = [
  'user_id',
  'created_at',
  ...PROFILE_COLUMNS.map(({ name }) => name),
  ...USER_COLUMNS.map(({ name }) => name),
].join(', ')

const HOLD_ROW = HOLD_COLUMNS.map(({ name }) => name).join(', ')

/**
 * Users, locked in id order: sorting the parameter does not order the locks, `order by` in the locking statement does.
 * `no key update` leaves foreign keys and readers alone.
 */
export const LOCK_USERS = {
  name: 'lock_users',
  text: `select ${USER_ROW} from users where user_id = any($1::text[]) order by user_id for no key update`,
}

export const READ_USERS = {
  name: 'read_users',
  text: `select ${USER_ROW} from users where user_id = any($1::text[])`,
}

/**
 * What keys did before, and the entries that they own. `lateral … limit 1` keeps a generic plan that was made on an
 * empty table from turning the probe into a sequential scan (a third of the rate).
 */
export const READ_KEYS = {
  name: 'read_keys',
  text: `
    select k.request_hash, ${ENTRY_COLUMNS.map(({ name }) => `e.${name}`).join(', ')}
    from unnest($1::text[], $2::uuid[]) i(user_id, key_id)
    cross join lateral (
      select request_hash, version from idempotency_keys
      where user_id = i.user_id and key_id = i.key_id limit 1) k
    cross join lateral (
      select * from ledger_entries where user_id = i.user_id and version = k.version limit 1) e`,
}

export const READ_FAILURES = {
  name: 'read_failures',
  text: `
    select f.user_id, f.key_id, f.state, f.request_hash, f.hold_key_id is not null as is_of_stream,
      f.amount_nanousd, f.attempts, f.deferred
    from unnest($1::text[], $2::uuid[]) i(user_id, key_id)
    cross join lateral (
      select user_id, key_id, state, request_hash, hold_key_id, amount_nanousd, attempts, deferred from credit_deduction_failures
      where user_id = i.user_id and key_id = i.key_id limit 1) f`,
}

/** What refunds and adjustments made of charges, as sums. They are few, and have an index of their own. */
export const READ_CHANGES = {
  name: 'read_changes',
  text: `
    select i.user_id, i.key_id, c.allowance_delta_nanousd, c.credits_delta_nanousd, c.refunded_nanousd
    from unnest($1::text[], $2::uuid[]) i(user_id, key_id)
    cross join lateral (
      select coalesce(sum(allowance_delta_nanousd), 0)::int8 as allowance_delta_nanousd,
        coalesce(sum(credits_delta_nanousd), 0)::int8 as credits_delta_nanousd,
        coalesce(sum(allowance_delta_nanousd + credits_delta_nanousd) filter (where kind = 'refund'), 0)::int8
          as refunded_nanousd
      from ledger_entries
      where user_id = i.user_id and charge_key_id = i.key_id and kind in ('refund', 'adjustment')) c`,
}

/** Holds, locked in the order of the parameters (sorted by the caller), so that recorded progress can't move under a decision. */
export const LOCK_HOLDS = {
  name: 'lock_holds',
  text: `
    select h.* from unnest($1::text[], $2::uuid[]) i(user_id, key_id)
    cross join lateral (
      select ${HOLD_ROW} from holds
      where user_id = i.user_id and key_id = i.key_id limit 1 for update) h`,
}

/**
 * The write of charges and grants. Only users whose version is still the one that was read are swapped, and only for
 * those are keys and entries written: all in one statement, so it stands on its own as a transaction. A key or a version
 * that is there already fails it as a whole. It answers who was swapped, and the time.
 */
export const SWAP = { name: 'swap', text: swapText({ withHolds: false }) }

/**
 * The same for one entry of one user, with a parameter for each value: setting up the arrays' functions takes Postgres longer
 * than writing the one row that they hold (0.82 ms against 0.47).
 */
export const SWAP_ONE = { name: 'swap_one', text: swapOneText({ onlyNewKeys: false }) }

/**
 * The same for one whose key was not looked up: where anything is known under it, it writes nothing and says so. One probe in the
 * statement's own snapshot takes the place of two statements of a read.
 */
export const SWAP_NEW_KEY = { name: 'swap_new_key', text: swapOneText({ onlyNewKeys: true }) }

/** The same with holds and deduction failures, for a transaction that holds the users' locks. */
export const SWAP_WITH_HOLDS = { name: 'swap_with_holds', text: swapText({ withHolds: true }) }

/** Profiles of users that were just swapped to a version, in the same transaction. */
export const UPDATE_PROFILES = { name: 'update_profiles', text: profilesText() }

function swapText({ withHolds }: { withHolds: boolean }): string {
  const parameters = counter()
  const users = unnest(
    'v',
    [{ name: 'user_id', type: 'text' }, { name: 'expected_version', type: 'int8' }, ...USER_COLUMNS],
    parameters,
  )
  const entries = unnest('i', [...ENTRY_COLUMNS, { name: 'request_hash', type: 'bytea' }], parameters)
  return `
    with swapped as (
      update users u set ${USER_COLUMNS.map(({ name }) => `${name} = v.${name}`).join(', ')}
      from ${users}
      where u.user_id = v.user_id and u.version = v.expected_version
      returning u.user_id),
    posted as materialized (
      select i.* from ${entries} where i.user_id in (select user_id from swapped)),
    keys as (
      insert into idempotency_keys (user_id, key_id, request_hash, version)
      select user_id, key_id, request_hash, version from posted),
    entries as (
      insert into ledger_entries (${names(ENTRY_COLUMNS)}) select ${names(ENTRY_COLUMNS)} from posted)
    ${withHolds ? `, ${holdsText(parameters)}` : ''}
    select clock_timestamp() as now, array(select user_id from swapped) as user_ids`
}

function profilesText(): string {
  const key = [
    { name: 'user_id', type: 'text' },
    { name: 'version', type: 'int8' },
  ]
  return `
    update users u set ${PROFILE_COLUMNS.map(({ name }) => `${name} = v.${name}`).join(', ')}
    from ${unnest('v', [...key, ...PROFILE_COLUMNS], counter())}
    where u.user_id = v.user_id and u.version = v.version`
}

function swapOneText({ onlyNewKeys }: { onlyNewKeys: boolean }): string {
  const parameters = counter()
  const value = ({ type }: Named) => `$${parameters()}::${type}`
  const userId = value({ name: 'user_id', type: 'text' })
  const expectedVersion = value({ name: 'expected_version', type: 'int8' })
  const changes = USER_COLUMNS.map((column) => `${column.name} = ${value(column)}`)
  const entry = new Map(ENTRY_COLUMNS.map((column) => [column.name, value(column)]))
  const requestHash = value({ name: 'request_hash', type: 'bytea' })
  const isKnown = onlyNewKeys
    ? `exists (select from idempotency_keys where user_id = ${userId} and key_id = ${entry.get('key_id')})
      or exists (select from credit_deduction_failures where user_id = ${userId} and key_id = ${entry.get('key_id')})`
    : 'false'
  return `
    with key as materialized (select ${isKnown} as is_known),
    swapped as (
      update users set ${changes.join(', ')}
      where user_id = ${userId} and version = ${expectedVersion} and not (select is_known from key)
      returning user_id),
    keys as (
      insert into idempotency_keys (user_id, key_id, request_hash, version)
      select user_id, ${entry.get('key_id')}, ${requestHash}, ${entry.get('version')} from swapped),
    entries as (
      insert into ledger_entries (${names(ENTRY_COLUMNS)})
      select ${[...entry.values()].join(', ')} from swapped)
    select clock_timestamp() as now, array(select user_id from swapped) as user_ids,
      (select is_known from key) as is_known`
}

function holdsText(parameters: () => number): string {
  const opened = unnest('h', HOLD_COLUMNS, parameters)
  const changed = unnest('h', HOLD_COLUMNS, parameters)
  const failed = unnest('f', FAILURE_COLUMNS, parameters)
  const resolved = unnest(
    'r',
    [
      { name: 'user_id', type: 'text' },
      { name: 'key_id', type: 'uuid' },
    ],
    parameters,
  )
  // A key names one call: what it was last asked for stands as a whole. Only when it was first seen stays, while it is owed.
  const kept = ['user_id', 'key_id', 'created_at', 'attempts', 'deferred']
  const replaced = FAILURE_COLUMNS.filter(({ name }) => !kept.includes(name))
  const changeable = HOLD_COLUMNS.filter(({ name }) => name !== 'user_id' && name !== 'key_id')
  return `
    opened as (
      insert into holds (${names(HOLD_COLUMNS)})
      select ${names(HOLD_COLUMNS)} from ${opened} where h.user_id in (select user_id from swapped)),
    changed as (
      update holds t set ${changeable.map(({ name }) => `${name} = h.${name}`).join(', ')}
      from ${changed}
      where t.user_id = h.user_id and t.key_id = h.key_id and t.epoch = h.epoch
        and h.user_id in (select user_id from swapped)),
    failed as (
      insert into credit_deduction_failures as t (${names(FAILURE_COLUMNS)}, state)
      select ${names(FAILURE_COLUMNS)}, 'pending' from ${failed}
      -- A shortfall is part of what the swap posts; what was refused is part of nothing.
      where f.hold_key_id is null or f.amount_nanousd is null or f.user_id in (select user_id from swapped)
      on conflict (user_id, key_id) do update
      set ${replaced.map(({ name }) => `${name} = excluded.${name}`).join(', ')},
        attempts = excluded.attempts + case t.state when 'pending' then t.attempts else 0 end, state = 'pending', resolved_at = null,
        created_at = case t.state when 'pending' then t.created_at else excluded.created_at end,
        deferred = excluded.deferred or (t.deferred and t.state = 'pending')
      where t.state <> 'written-off'),
    resolved as (
      update credit_deduction_failures t set state = 'resolved', resolved_at = clock_timestamp()
      from ${resolved}
      where t.user_id = r.user_id and t.key_id = r.key_id and t.state = 'pending')`
}

type Named = Pick<Column<never>, 'name' | 'type'>

function unnest(alias: string, columns: readonly Named[], parameter: () => number): string {
  const arrays = columns.map(({ type }) => `$${parameter()}::${type}[]`)
  return `unnest(${arrays.join(', ')}) ${alias}(${names(columns)})`
}

function names(columns: readonly Pick<Named, 'name'>[]): string {
  return columns.map(({ name }) => name).join(', ')
}

function counter(): () => number {
  let count = 0
  return () => ++count
}
