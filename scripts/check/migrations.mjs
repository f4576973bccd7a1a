// Checks that a rollout from the last release to this one works: the migrations added since follow the rules of
// CONTRIBUTING.md. `--record` records the migrations of package.json's version, once it is released; `--dir` checks another copy.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../prepare.mjs'
import { harmOf, statementsIn, tableMadeBy } from './expandOnly.mjs'

const args = process.argv.slice(2)
const base = args.includes('--dir') ? args[args.indexOf('--dir') + 1] : root
const folder = join(base, 'migrations')
const releasesFile = join(folder, 'releases.json')

const releases = JSON.parse(readFileSync(releasesFile, 'utf8'))
const migrations = readdirSync(folder)
  .filter((file) => file.endsWith('.sql'))
  .sort()
  .map((file) => ({ name: file.slice(0, -'.sql'.length), sql: readFileSync(join(folder, file), 'utf8') }))

if (args.includes('--record')) record()
else {
  const problems = [...problemsOfNames(), ...problemsOfReleased(), ...problemsOfNew(), ...problemsOfNeeded()]
  for (const problem of problems) process.stdout.write(`migrations/${problem}\n`)
  process.exitCode = problems.length === 0 ? 0 : 1
}

function record() {
  const { version } = JSON.parse(readFileSync(join(base, 'package.json'), 'utf8'))
  if (releases.some((release) => release.version === version))
    throw new Error(`${version} is recorded already`)
  const { name: last } = migrations.at(-1)
  const next = [...releases, { version, last, sha256: hashUpTo(last) }]
  writeFileSync(releasesFile, `${JSON.stringify(next, null, 2)}\n`)
}

/** Numbers may be skipped, because two branches choose theirs independently. */
function problemsOfNames() {
  return migrations.flatMap(({ name }, index) => {
    if (!/^\d{4}_[a-z0-9_]+(\.needs-\d+\.\d+\.\d+)?$/.test(name))
      return `${name}: is named neither as 0001_what nor 0001_what.needs-1.2.3`
    const before = migrations[index - 1]?.name
    return before?.slice(0, 4) === name.slice(0, 4) ? `${name}: ${before} has this number already` : []
  })
}

/** A released migration has been applied already: a change to it would reach nobody who upgrades. */
function problemsOfReleased() {
  return releases.flatMap(({ version, last, sha256 }) =>
    sha256 === hashUpTo(last)
      ? []
      : `releases.json: the migrations of ${version} differ from those that it was released with`,
  )
}

function problemsOfNew() {
  const tables = new Set(released().map(({ sql }) => tableMadeBy(sql)))
  return migrations.slice(released().length).flatMap(({ name, sql }) => {
    if (statementsIn(sql) !== 1) return `${name}: must be one statement`
    const [, needs] = /\.needs-(.*)$/.exec(name) ?? []
    if (needs !== undefined) {
      return releases.some(({ version }) => version === needs)
        ? []
        : `${name}: ${needs} is not released, so the release before this one may still use what the migration removes`
    }
    const harm = harmOf(sql, tables)
    return harm === undefined ? [] : `${name}: ${harm}`
  })
}

/** This release has to run before its own migrations are applied. */
function problemsOfNeeded() {
  const source = readFileSync(join(base, 'src', 'database', 'schemaVersion.ts'), 'utf8')
  const [, needed] = /^export const MIGRATION_NEEDED = '(.*)'$/m.exec(source) ?? []
  if (!migrations.some(({ name }) => name === needed))
    return [`${needed}: MIGRATION_NEEDED names a migration that doesn't exist`]
  const last = releases.at(-1)
  if (last === undefined) {
    // No release exists that would have to run beside it.
    const { name } = migrations.at(-1)
    return needed === name ? [] : [`${name}: set MIGRATION_NEEDED to it in src/database/schemaVersion.ts`]
  }
  if (needed <= last.last) return []
  return [
    `${needed}: MIGRATION_NEEDED must be ${last.last} or earlier, which ${last.version} was released with`,
  ]
}

function released() {
  const { last } = releases.at(-1) ?? { last: '' }
  return migrations.filter(({ name }) => name <= last)
}

function hashUpTo(last) {
  const hash = createHash('sha256')
  for (const { name, sql } of migrations) if (name <= last) hash.update(`${name}\0${sql}\0`)
  return hash.digest('hex')
}
