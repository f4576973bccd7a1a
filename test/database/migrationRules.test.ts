import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../../src/packageRoot'

// `npm run check` on migrations of a release to come, beside a release that has one table.

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'migration-rules-'))
  mkdirSync(join(folder, 'migrations'))
  mkdirSync(join(folder, 'src', 'database'), { recursive: true })
  write('package.json', '{ "version": "0.1.0" }')
  write('migrations/releases.json', '[]')
  migration('0001_users', "-- Who's paying.\ncreate table users(user_id text primary key);")
  needs('0001_users')
  check('--record')
  write('package.json', '{ "version": "0.2.0" }')
})

afterEach(() => rmSync(folder, { recursive: true }))

function write(path: string, text: string): void {
  writeFileSync(join(folder, path), text)
}

function migration(name: string, sql: string): void {
  write(`migrations/${name}.sql`, sql)
}

function needs(name: string): void {
  write('src/database/schemaVersion.ts', `export const MIGRATION_NEEDED = '${name}'\n`)
}

/** What it complains about. */
function check(...args: string[]): string {
  const script = join(packageRoot, 'scripts/check/migrations.mjs')
  const { stdout, stderr, status } = spawnSync(process.execPath, [script, '--dir', folder, ...args], {
    encoding: 'utf8',
  })
  expect(stderr).toBe('')
  expect(status).toBe(stdout === '' ? 0 : 1)
  return stdout
}

test.each([
  'create table payers (id text primary key, user_id text not null references users)',
  'alter table users add column tier text',
  'alter table users add tier text, add column if not exists level int8 not null default 0',
  "alter table users add column tier text not null default 'it''s, (free)'; -- not dropped",
  'alter table users add column seen_at timestamptz not null default now()',
  'alter table users add column cost numeric(20, 3)',
  'CREATE INDEX IF NOT EXISTS users_tier ON users (user_id)',
  "comment on table users is 'drop table users'",
])('%s expands', (sql) => {
  migration('0002_next', sql)
  expect(check()).toBe('')
})

test.each([
  ['drop table users', /not known to be harmless/],
  ['alter table users drop column user_id', /relies on what is there/],
  ['alter table users rename column user_id to id', /relies/],
  ['alter table users rename to payers', /relies/],
  ['alter table public."users" rename to payers', /relies/],
  ['alter table users alter column user_id type int8 using 0', /relies/],
  ['alter table users alter column user_id drop not null', /relies/],
  ['alter table users add constraint short check (length(user_id) < 9)', /relies/],
  ['alter table users add check (length(user_id) < 9)', /relies/],
  ['alter table users add column tier text not null', /writes no value/],
  ['alter table users add column tier text, add column level int8 not null', /writes no value/],
  ['alter table users add column tier text unique', /may write what this refuses/],
  ["alter table users add column tier text check (tier <> '')", /may write/],
  ['alter table users add column id uuid not null default gen_random_uuid()', /rewrites the whole table/],
  ['create unique index if not exists u on users (lower(user_id))', /may write/],
  ['create index users_tier on users (user_id)', /IF NOT EXISTS/],
  ["insert into users (user_id) values ('root')", /does not expect/],
  ["update users set user_id = 'x'", /not known/],
  ['create table users (id text)', /already/],
  ['create table a (b int); create table c (d int)', /one statement/],
  ['/* nothing */', /one statement/],
])('%s is refused', (sql, complaint) => {
  migration('0002_next', sql)
  expect(check()).toMatch(/^migrations\/0002_next: /)
  expect(check()).toMatch(complaint)
})

test('a table that no release has yet may be changed', () => {
  migration('0002_payers', 'create table payers (id text primary key)')
  migration('0003_payers', 'alter table payers alter column id type uuid using null')
  migration('0004_payers_row', "insert into payers (id) values ('x')")
  expect(check()).toBe('')
})

test('a contraction names a released version that no longer needs what it removes', () => {
  migration('0002_users_drop.needs-0.1.0', 'drop table users')
  expect(check()).toBe('')
  migration('0003_more.needs-0.2.0', 'drop table more')
  expect(check()).toMatch(/0003_more\.needs-0\.2\.0: 0\.2\.0 is not released/)
})

test('a release must run without its own migrations', () => {
  migration('0002_next', 'alter table users add column tier text')
  needs('0002_next')
  expect(check()).toMatch(/MIGRATION_NEEDED must be 0001_users or earlier, which 0\.1\.0 was released with/)
  needs('0009_nothing')
  expect(check()).toMatch(/0009_nothing: MIGRATION_NEEDED names a migration that doesn't exist/)
  needs('0002_next')
  check('--record')
  expect(check()).toBe('')
})

test('before the first release, the last migration is needed', () => {
  write('migrations/releases.json', '[]')
  expect(check()).toBe('')
  migration('0002_next', 'create table next (id text)')
  expect(check()).toBe('migrations/0002_next: set MIGRATION_NEEDED to it in src/database/schemaVersion.ts\n')
  needs('0002_next')
  expect(check()).toBe('')
})

test('a released migration must not change', () => {
  migration('0001_users', 'create table users (user_id text primary key, tier text)')
  expect(check()).toMatch(/the migrations of 0\.1\.0 differ from those that it was released with/)
})

test('a number must not be used twice', () => {
  migration('0004_one', 'create table one (id text)')
  expect(check()).toBe('')
  migration('0004_two', 'create table two (id text)')
  expect(check()).toBe('migrations/0004_two: 0004_one has this number already\n')
})

test('a release is recorded once', () => {
  cpSync(join(folder, 'migrations'), join(folder, 'before'), { recursive: true })
  check('--record')
  const script = join(packageRoot, 'scripts/check/migrations.mjs')
  expect(spawnSync(process.execPath, [script, '--dir', folder, '--record']).status).toBe(1)
  expect(JSON.parse(readFileSync(join(folder, 'migrations/releases.json'), 'utf8'))).toMatchObject([
    { version: '0.1.0', last: '0001_users' },
    { version: '0.2.0', last: '0001_users' },
  ])
})
