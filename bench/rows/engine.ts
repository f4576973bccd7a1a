import { type Bench, inRounds, type RowGroup, withDatabase } from '../bench'
import { engineNotes, engineRun, rates } from '../engineRun'
import { PGBENCH_FORMS, type PgbenchForm, pgbench } from '../pgbench'
import { rowOf } from '../row'

const LIMIT =
  'the processors, which Node and Postgres share: an entry has 45 columns and a hash, and writes three rows where the floor writes two narrow ones'
const CLIENT_COUNTS = [4, 16, 32, 64]

/** Many users: group commit compared with one transaction for each charge, at Postgres' best form and concurrency. */
export const engineRows: RowGroup = async (bench) => {
  const users = { kind: 'uniform', userCount: bench.userCount } as const
  const best = await bestClientCounts(bench)
  const { at256, at1024, ...floors } = await inRounds(bench, {
    at256: () => engineRun(bench, { users, inFlight: 256 }),
    ...floorCells(bench, best),
    at1024: () => engineRun(bench, { users, inFlight: 1_024 }),
  })
  const floorRates = bestOfEachRound(Object.values(floors as Record<string, number[]>))
  const shared = {
    group: 'engine',
    unit: '/s' as const,
    floors: floorRates,
    limit: LIMIT,
    floorWhat: `pgbench, best of ${best.map(({ form, clients }) => `${form} × ${clients}`).join(', ') || 'none'}`,
  }
  return [
    rowOf({
      ...shared,
      what: `charges, ${bench.userCount} users, 256 in flight`,
      values: rates(at256),
      target: { atLeast: 2 },
      notes: engineNotes(at256),
    }),
    rowOf({
      ...shared,
      what: `charges, ${bench.userCount} users, 1,024 in flight`,
      values: rates(at1024),
      target: { atLeast: 3 },
      notes: engineNotes(at1024),
    }),
  ]
}

interface Floor {
  form: PgbenchForm
  clients: number
}

/** For each form, the number of clients with which it is fastest here. */
async function bestClientCounts(bench: Bench): Promise<Floor[]> {
  if (bench.programs.pgbench === undefined) return []
  const best: Floor[] = []
  for (const form of PGBENCH_FORMS) {
    const found: { clients: number; rate: number }[] = []
    for (const clients of CLIENT_COUNTS) {
      bench.progress.show(`looking for pgbench's best: ${form}, ${clients} clients`)
      found.push({ clients, rate: await floorRate(bench, { form, clients }, bench.durationMs / 2) })
    }
    found.sort((a, b) => b.rate - a.rate)
    best.push({ form, clients: found[0]?.clients ?? 0 })
  }
  return best
}

function floorCells(bench: Bench, floors: readonly Floor[]): Record<string, () => Promise<number>> {
  return Object.fromEntries(
    floors.map((floor) => [
      `pgbench, ${floor.form}`,
      () => floorRate(bench, floor, bench.durationMs + bench.warmUpMs),
    ]),
  )
}

async function floorRate(bench: Bench, floor: Floor, durationMs: number): Promise<number> {
  const { pgbench: program } = bench.programs
  if (program === undefined) return Number.NaN
  return withDatabase(bench, ({ connection }) =>
    pgbench({ program, connection, ...floor, userCount: bench.userCount, durationMs }),
  )
}

function bestOfEachRound(figures: readonly (readonly number[])[]): number[] {
  const [first = []] = figures
  return first.map((_, round) => Math.max(...figures.map((figure) => figure[round] ?? 0)))
}
