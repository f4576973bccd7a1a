import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ConnectionSettings } from '../src/database/database'
import { floorStatement, floorStatements } from './floorSql'
import { run } from './programs'
import { userIdOf } from './users'

/** The two forms of the floor's transaction that Postgres runs fastest. */
export type PgbenchForm = 'pipelined' | 'one statement'
export const PGBENCH_FORMS: readonly PgbenchForm[] = ['pipelined', 'one statement']

export interface PgbenchRun {
  program: string
  connection: ConnectionSettings
  form: PgbenchForm
  clients: number
  userCount: number
  durationMs: number
}

/** Measures transactions per second. */
export async function pgbench({ program, connection, form, clients, ...load }: PgbenchRun): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-pgbench-'))
  try {
    const script = join(folder, 'script.sql')
    writeFileSync(script, scriptOf(form, load.userCount))
    const durationSeconds = Math.max(1, Math.round(load.durationMs / 1_000))
    const output = await run(
      program,
      [
        ...['--no-vacuum', '--protocol', 'prepared', '--client', String(clients), '--file', script],
        ...['--jobs', String(Math.min(2, clients)), '--time', String(durationSeconds), '--define', 'k=0'],
        ...connectionArguments(connection),
      ],
      load.durationMs + 60_000,
    )
    return rateOf(output)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A variable keeps its value from one transaction to the next, so a client's count and number make a key. */
function scriptOf(form: PgbenchForm, userCount: number): string {
  const digits = userIdOf(0).length - 'user-'.length
  const sql = {
    user: `('user-' || lpad((:u)::text, ${digits}, '0'))`,
    key: `((:client_id)::text || '/' || (:k)::text)`,
  }
  const variables = `\\set k :k + 1\n\\set u random(1, ${userCount})\n`
  if (form === 'one statement') return `${variables}${oneLine(floorStatement(sql))};\n`
  const statements = floorStatements(sql).map((statement) => `${oneLine(statement)};\n`)
  return `${variables}\\startpipeline\n${statements.join('')}\\endpipeline\n`
}

function oneLine(sql: string): string {
  return sql.replace(/\s+/g, ' ')
}

function connectionArguments({ connectionString, ...settings }: ConnectionSettings): string[] {
  if (connectionString !== undefined) return [connectionString]
  const { host = '', port = 5432, user = '', database = '' } = settings
  return ['--host', host, '--port', String(port), '--username', user, database]
}

function rateOf(output: string): number {
  const failed = /number of failed transactions: (\d+)/.exec(output)?.[1] ?? '0'
  const rate = /^tps = ([\d.]+)/m.exec(output)?.[1]
  if (failed !== '0' || rate === undefined) throw new Error(`pgbench printed no rate:\n${output}`)
  return Number(rate)
}
