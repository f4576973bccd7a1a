/**
 * The floor: the least work that a charge can be in Postgres. It updates a balance conditionally and inserts a row with a
 * unique key, in tables narrower than ours.
 */
export const FLOOR_TABLES = [
  `create table bench_users (
    user_id text collate "C" primary key, balance int8 not null, version int8 not null) with (fillfactor = 60)`,
  `create table bench_charges (
    user_id text collate "C" not null, key_id uuid not null, amount int8 not null, balance_after int8 not null,
    created_at timestamptz not null, primary key (user_id, key_id))`,
]

/** Both writes in one statement. `user` and `key` are SQL: parameters of a driver, or pgbench's variables. */
export function floorStatement({ user, key }: { user: string; key: string }): string {
  return `with charged as (
      update bench_users set balance = balance - 1, version = version + 1
      where user_id = ${user} and balance >= 1 returning user_id, balance)
    insert into bench_charges (user_id, key_id, amount, balance_after, created_at)
    select user_id, md5(${key})::uuid, 1, balance, now() from charged`
}

/** Two statements for a pipeline, which makes them one implicit transaction. */
export function floorStatements({ user, key }: { user: string; key: string }): [string, string] {
  return [
    `update bench_users set balance = balance - 1, version = version + 1 where user_id = ${user} and balance >= 1`,
    `insert into bench_charges (user_id, key_id, amount, balance_after, created_at)
      values (${user}, md5(${key})::uuid, 1, 0, now())`,
  ]
}
