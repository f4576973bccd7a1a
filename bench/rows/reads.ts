import { type Bench, inRounds, loadOf, type RowGroup, withDatabase } from '../bench'
import { BooksError } from '../books'
import type { Reads } from '../jobs/readsLoad'
import type { Measured } from '../load'
import { type BenchDatabase, query } from '../postgres'
import { rowOf } from '../row'
import { median, quantile } from '../statistics'
import { USER_ID_SQL } from '../users'
import { withWorkers } from '../worker'

/** Of the user whose ledger is read. */
const ENTRIES = 50_000
const USERS = 1_000
const CALLS_AT_ONCE = { Reconcile: 20, ListLedgerEntries: 60 }

interface BesideReads {
  charges: Measured
  reads: number
}

/** What long reads by one token do to the charges of others. */
export const readRows: RowGroup = (bench) =>
  withDatabase(bench, async (database) => {
    await filled(bench, database)
    const rows = []
    for (const inFlight of [1, 32]) {
      const charges = (method?: Reads) => () => chargesBeside(bench, database, { inFlight, method })
      const { alone, proofs, lists } = await inRounds(bench, {
        alone: charges(),
        proofs: charges('Reconcile'),
        lists: charges('ListLedgerEntries'),
      })
      const row = (what: string, runs: readonly BesideReads[]) =>
        rowOf({
          group: 'reads',
          what: `${inFlight === 1 ? 'one charge at a time' : `charges, ${inFlight} in flight`}, median latency beside ${what}`,
          unit: 'ms',
          values: runs.map(medianMs),
          floors: alone.map(medianMs),
          floorWhat: 'alone',
          target: { atMost: 3 },
          limit: 'the processors, which the load of reads shares with server and Postgres',
          notes: [
            `p99 ${quantile(
              runs.flatMap(({ charges: { latenciesMs } }) => [...latenciesMs]),
              0.99,
            ).toFixed(1)} ms`,
            `${median(runs.map(({ reads }) => reads / seconds(bench))).toFixed(1)} reads a second`,
          ],
        })
      rows.push(row('20 calls of Reconcile', proofs), row('60 of ListLedgerEntries', lists))
    }
    return rows
  })

function seconds({ warmUpMs, durationMs }: Bench): number {
  return (warmUpMs + durationMs) / 1_000
}

function medianMs({ charges }: BesideReads): number {
  return quantile(charges.latenciesMs, 0.5)
}

async function filled(bench: Bench, { connection }: BenchDatabase): Promise<void> {
  bench.progress.show(`a ledger of ${ENTRIES} entries of one user`)
  // Credits without a grant would be a finding.
  await query(connection, 'truncate users')
  await query(
    connection,
    `insert into users (user_id, spent_on, created_at, last_entry_at, last_hash)
     select user_id, current_date, now(), now(), sha256(convert_to(E'tollgate user\\n' || user_id, 'utf8'))
     from (select ${USER_ID_SQL} as user_id from generate_series(1, ${USERS}) n) ids`,
  )
  await withWorkers(1, async (worker) => {
    await worker.do('fillLedger', { connection, userCount: USERS, entryCount: USERS })
    await worker.do('fillLedger', { connection, userCount: 1, entryCount: ENTRIES })
  })
  await query(connection, 'vacuum analyze')
}

/** @throws BooksError where a charge fails */
function chargesBeside(
  bench: Bench,
  { connection }: BenchDatabase,
  { inFlight, method }: { inFlight: number; method: Reads | undefined },
): Promise<BesideReads> {
  return withWorkers(3, async (server, charger, reader) => {
    const { address } = await server.do('tollgateServer', { connection })
    const reading =
      method === undefined
        ? Promise.resolve(0)
        : reader.do('readsLoad', { address, method, load: loadOf(bench, CALLS_AT_ONCE[method]) })
    const charges = await charger.do('http2Load', {
      address,
      method: 'ChargeUsage',
      users: { kind: 'uniform', userCount: USERS },
      load: loadOf(bench, inFlight),
    })
    const reads = await reading
    await server.do('drainServer')
    const failed = Object.entries(charges.errors)
    if (failed.length > 0) throw new BooksError(`charges beside reads failed: ${failed.join('; ')}`)
    return { charges, reads }
  })
}
