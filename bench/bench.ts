import { checkBooks } from './books'
import type { SampleAnswers } from './jobs/noopServer'
import type { Load } from './load'
import type { BenchDatabase, BenchPostgres } from './postgres'
import type { Progress } from './progress'
import type { Row } from './row'

/** What every row of the benchmark needs. */
export interface Bench {
  postgres: BenchPostgres
  /** The database with schema, catalog, users and the floor's tables, which is copied for each run. */
  fixture: BenchDatabase
  userCount: number
  /** Size of the ledger that is reconciled. */
  reconcileEntries: number
  warmUpMs: number
  durationMs: number
  rounds: number
  programs: { pgbench: string | undefined; h2load: string | undefined }
  progress: Progress
  sampleAnswers: () => Promise<SampleAnswers>
}

/** A part of the table: measures its cells and compares them. */
export type RowGroup = (bench: Bench) => Promise<Row[]>

export function loadOf({ warmUpMs, durationMs }: Bench, inFlight: number): Load {
  return { inFlight, warmUpMs, durationMs }
}

/** Runs every cell once in each round, in turn, so that a passing disturbance of the machine affects all of them. */
export async function inRounds<Cells extends Record<string, () => Promise<unknown>>>(
  { rounds, progress }: Pick<Bench, 'rounds' | 'progress'>,
  cells: Cells,
): Promise<{ [Name in keyof Cells]: Awaited<ReturnType<Cells[Name]>>[] }> {
  const names = Object.keys(cells) as (keyof Cells & string)[]
  const results = Object.fromEntries(names.map((name) => [name, [] as unknown[]]))
  for (let round = 1; round <= rounds; round++) {
    for (const name of names) {
      progress.show(`round ${round} of ${rounds}: ${name}`)
      results[name]?.push(await cells[name]?.())
    }
  }
  return results as { [Name in keyof Cells]: Awaited<ReturnType<Cells[Name]>>[] }
}

/** Runs some work on a fresh copy of the fixture, and drops the copy. */
export async function withDatabase<T>(
  { postgres, fixture }: Bench,
  work: (database: BenchDatabase) => Promise<T>,
): Promise<T> {
  const database = await postgres.createDatabase(fixture.name)
  try {
    return await work(database)
  } finally {
    await database.drop()
  }
}

/** The same for work on the ledger: its books are checked before the copy is dropped. */
export function withLedger<T extends { succeeded: number }>(
  bench: Bench,
  { name, entriesPerCall }: { name: string; entriesPerCall?: number },
  work: (database: BenchDatabase) => Promise<T>,
): Promise<T> {
  return withDatabase(bench, async (database) => {
    const result = await work(database)
    await checkBooks(database.connection, {
      name,
      ...(entriesPerCall !== undefined && { entriesExpected: result.succeeded * entriesPerCall }),
    })
    return result
  })
}
