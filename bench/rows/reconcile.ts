import { type Bench, inRounds, loadOf, type RowGroup, withDatabase } from '../bench'
import { BooksError } from '../books'
import { engineNotes, rates } from '../engineRun'
import type { ReconcileMeasured } from '../jobs/reconcileAll'
import { together } from '../load'
import { type BenchDatabase, query } from '../postgres'
import { rowOf } from '../row'
import { median } from '../statistics'
import { USER_ID_SQL } from '../users'
import { withWorkers } from '../worker'

const IN_FLIGHT = 256
const ENTRIES_PER_USER = 100
const SMALL_SHARE = 0.1

/** All books proved from the first entry, and how that affects charges. */
export const reconcileRows: RowGroup = (bench) => {
  const { reconcileEntries: entryCount } = bench
  const smallCount = Math.round(entryCount * SMALL_SHARE)
  return withDatabase(bench, (large) =>
    withDatabase(bench, (small) =>
      withDatabase(bench, async (ofOne) => {
        const userCount = Math.ceil(entryCount / ENTRIES_PER_USER)
        const call = await filled(bench, large, { userCount, entryCount })
        await filled(bench, small, {
          userCount: Math.ceil(smallCount / ENTRIES_PER_USER),
          entryCount: smallCount,
        })
        await filled(bench, ofOne, { userCount: 1, entryCount })
        const charges = {
          connection: large.connection,
          users: { kind: 'uniform', userCount } as const,
          load: loadOf(bench, IN_FLIGHT),
          call,
        }
        const runs = await inRounds(bench, {
          small: () => proved(small),
          large: () => proved(large),
          ofOne: () => proved(ofOne),
          alone: () => withWorkers(1, (worker) => worker.do('engineLoad', charges)),
          beside: () => withWorkers(1, (worker) => worker.do('reconcileBeside', charges)),
        })
        bench.progress.show('proving the books once more')
        await proved(large)
        const beside = runs.beside.map((part) => ({ ...together([part]), parts: [part] }))
        const besideSeconds = (bench.warmUpMs + bench.durationMs) / 1_000
        const size = `${entryCount.toLocaleString('en')} entries`
        return [
          rowOf({
            group: 'reconcile',
            what: `entries proved; ${size} of ${userCount.toLocaleString('en')} users`,
            unit: '/s',
            values: speeds(runs.large),
            floors: speeds(runs.small),
            floorWhat: 'a ledger of a tenth',
            target: { atLeast: 0.8 },
            notes: pageNotes(runs.large),
          }),
          rowOf({
            group: 'reconcile',
            what: `the same; ${size} of one user`,
            unit: '/s',
            values: speeds(runs.ofOne),
            floors: speeds(runs.large),
            floorWhat: 'as many of many users',
            target: { atLeast: 0.8 },
            notes: pageNotes(runs.ofOne),
          }),
          rowOf({
            group: 'reconcile',
            what: 'peak resident memory of the reconciliation',
            unit: 'MiB',
            values: memory([...runs.large]),
            floors: memory([...runs.small]),
            floorWhat: 'a ledger of a tenth',
            target: { atMost: 1.5 },
            notes: [`${median(memory(runs.ofOne)).toFixed(0)} MiB where all are of one user`],
          }),
          rowOf({
            group: 'reconcile',
            what: 'charges, 256 in flight, while the periodic job proves the same books',
            unit: '/s',
            values: rates(beside),
            floors: rates(runs.alone),
            floorWhat: 'without the job',
            target: { atLeast: 0.9 },
            notes: [
              `${(median(runs.beside.map((run) => run.entriesProved)) / besideSeconds).toFixed(0)} entries proved a second`,
              ...engineNotes(beside),
            ],
          }),
        ]
      }),
    ),
  )
}

async function filled(
  { progress }: Bench,
  { connection }: BenchDatabase,
  size: { userCount: number; entryCount: number },
) {
  progress.show(`a ledger of ${size.entryCount.toLocaleString('en')} entries, by the engine`)
  // Credits without a grant would be a finding.
  await query(connection, 'truncate users')
  await query(
    connection,
    `insert into users (user_id, spent_on, created_at, last_entry_at, last_hash)
     select user_id, current_date, now(), now(), sha256(convert_to(E'tollgate user\\n' || user_id, 'utf8'))
     from (select ${USER_ID_SQL} as user_id from generate_series(1, ${size.userCount}) n) ids`,
  )
  const call = await withWorkers(1, (worker) => worker.do('fillLedger', { connection, ...size }))
  await query(connection, 'vacuum analyze')
  return call
}

/** @throws BooksError where anything is found */
async function proved({ connection }: BenchDatabase): Promise<ReconcileMeasured> {
  const measured = await withWorkers(1, (worker) => worker.do('reconcileAll', { connection }))
  if (measured.discrepancies.length > 0)
    throw new BooksError(`reconciliation found: ${measured.discrepancies.join('; ')}`)
  return measured
}

function speeds(runs: readonly ReconcileMeasured[]): number[] {
  return runs.map(({ entriesPerSecond }) => entriesPerSecond)
}

function memory(runs: readonly ReconcileMeasured[]): number[] {
  return runs.map(({ rssGrowthBytes }) => rssGrowthBytes / 2 ** 20)
}

function pageNotes(runs: readonly ReconcileMeasured[]): string[] {
  const slowest = Math.max(...runs.map(({ pageMsMax }) => pageMsMax))
  const micros = median(runs.map(({ cpuMicrosPerEntry }) => cpuMicrosPerEntry))
  return [`${micros.toFixed(0)} µs of Node an entry`, `${slowest.toFixed(0)} ms for the slowest page`]
}
