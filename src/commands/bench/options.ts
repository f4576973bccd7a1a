import { Command } from 'commander'
import { SetupError } from '../../setupError'

/** The parts of the table, in order. */
export const GROUP_NAMES = [
  'engine',
  'hot',
  'budgets',
  'single',
  'grpc',
  'stages',
  'replicas',
  'streams',
  'reads',
  'reconcile',
  'large',
] as const
export type GroupName = (typeof GROUP_NAMES)[number]

export interface BenchOptions {
  databaseUrl: string | undefined
  userCount: number
  durationSeconds: number
  rounds: number
  only: readonly GroupName[]
  large: boolean
  reconcileEntries: number
  /** `-` = to stdout, instead of the table. */
  jsonFile: string | undefined
  markdownFile: string | undefined
}

interface RawOptions {
  databaseUrl?: string
  users: string
  durationSeconds: string
  rounds: string
  only?: string
  large: boolean
  reconcileEntries: string
  json?: string | true
  markdown?: string
}

const about = `
Works in databases of its own, which it makes (the account needs CREATEDB) and drops; the one that the URL names is left alone.
It takes what the server has: don't point it at one that others need. Exits with 1 where the books of a run don't balance.

Examples:
  $ tollgate bench                                     an embedded Postgres in a temporary folder
  $ tollgate bench --database-url postgres://… --users 100000 --duration 10
  $ tollgate bench --only engine,hot --rounds 5 --json figures.json`

export function benchCommand(bench: (options: BenchOptions) => Promise<void>): Command {
  return new Command('bench')
    .description('measure the ledger and the service on your hardware, relative to baselines of the same run')
    .addHelpText('after', about)
    .option(
      '--database-url <url>',
      'Postgres to measure (the account must be allowed to create databases); default: an embedded one',
    )
    .option('--users <n>', 'users that are charged', '10000')
    .option('--duration, --duration-seconds <n>', 'length of each measurement, after its warm-up', '5')
    .option('--rounds <n>', 'interleaved repetitions; shown are medians', '3')
    .option('--only <rows>', `some of ${GROUP_NAMES.join(',')}`)
    .option(
      '--large',
      'also on 10,000,000 entries of 1,000,000 users: takes about 15 minutes and 8 GB of disk',
      false,
    )
    .option('--reconcile-entries <n>', 'entries of the ledger that is reconciled', '1000000')
    .option('--json [file]', 'write JSON to a file; without one, to stdout instead of the table')
    .option('--markdown <file>', 'write the table as Markdown')
    .action((raw: RawOptions) => bench(optionsOf(raw)))
}

/** @throws SetupError */
function optionsOf(raw: RawOptions): BenchOptions {
  const only = raw.only?.split(',').map((name) => name.trim()) ?? []
  const unknown = only.filter((name) => !isGroupName(name))
  if (unknown.length > 0) {
    throw new SetupError(`--only knows ${GROUP_NAMES.join(', ')}, and not ${unknown.join(', ')}`)
  }
  return {
    databaseUrl: raw.databaseUrl,
    userCount: wholeOf('--users', raw.users, { min: 10, max: 1_000_000 }),
    durationSeconds: wholeOf('--duration-seconds', raw.durationSeconds, { min: 1, max: 600 }),
    rounds: wholeOf('--rounds', raw.rounds, { min: 1, max: 100 }),
    only: only.filter(isGroupName),
    large: raw.large || only.includes('large'),
    reconcileEntries: wholeOf('--reconcile-entries', raw.reconcileEntries, { min: 10_000, max: 100_000_000 }),
    jsonFile: raw.json === true ? '-' : raw.json,
    markdownFile: raw.markdown,
  }
}

function wholeOf(name: string, text: string, { min, max }: { min: number; max: number }): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= min && value <= max) return value
  throw new SetupError(`${name} must be a whole number from ${min} to ${max}, and is ${text}`)
}

function isGroupName(name: string): name is GroupName {
  return (GROUP_NAMES as readonly string[]).includes(name)
}
