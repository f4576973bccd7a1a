import {
  DISCREPANCY_KINDS,
  type Discrepancy,
  type DiscrepancyKind,
  DRIFT_KINDS,
  isDrift,
} from '../../domain/reconcile/reconcile'
import { counter, counters, gauge, gauges, seriesBy } from '../instruments'

const users = counter({
  name: 'tollgate_reconcile_users_total',
  help: 'Users whose books were proved by this process.',
})
const entries = counter({
  name: 'tollgate_reconcile_entries_total',
  help: 'Ledger entries that were proved by this process.',
})
const discrepancies = seriesBy(
  counters({
    name: 'tollgate_reconcile_discrepancies_total',
    help: "Things in users' books that do not add up, by kind; counted each time they are found.",
  }),
  'kind',
  DRIFT_KINDS,
)
const runs = seriesBy(
  counters({
    name: 'tollgate_reconcile_runs_total',
    help: 'Runs of the periodic job here, by how they ended.',
  }),
  'outcome',
  ['finished', 'left', 'lost', 'failed'],
)
const lastRunAt = gauge({
  name: 'tollgate_reconcile_last_run_timestamp_seconds',
  help: 'When this process last finished a run; 0 = never.',
})
const provedAt = gauge({
  name: 'tollgate_reconcile_proved_timestamp_seconds',
  help: 'When any replica last finished a run, or the first run began; 0 = the job is off.',
})
const interval = gauge({
  name: 'tollgate_reconcile_interval_seconds',
  help: 'From the end of one run to the next, as configured.',
})
const lastRunTook = gauge({
  name: 'tollgate_reconcile_last_run_duration_seconds',
  help: 'How long this process worked on its last run, pauses included.',
})
const lastRunUsers = gauge({
  name: 'tollgate_reconcile_last_run_users',
  help: 'Users whose books this process proved in its last run.',
})
const lastRunEntries = gauge({
  name: 'tollgate_reconcile_last_run_entries',
  help: 'Ledger entries that this process read in its last run.',
})
const lastRunFound = seriesBy(
  gauges({
    name: 'tollgate_reconcile_last_run_findings',
    help: 'What this process found in its last run, by kind.',
  }),
  'kind',
  DISCREPANCY_KINDS,
)

/** `left`: to another replica, when this one stopped. `lost`: the lease was another's by then. */
export type ReconcileRunOutcome = 'finished' | 'left' | 'lost' | 'failed'

export interface ReconcileRun {
  finishedAt: Date
  tookMs: number
  users: number
  entries: number
  findings: ReadonlyMap<DiscrepancyKind, number>
}

export const reconciliationMetrics = {
  reconciled(found: { users: number; entries: number; discrepancies: readonly Discrepancy[] }): void {
    users.add(found.users)
    entries.add(found.entries)
    for (const { kind } of found.discrepancies) if (isDrift(kind)) discrepancies[kind].add()
  },
  reconcileRunEnded(outcome: ReconcileRunOutcome): void {
    runs[outcome].add()
  },
  reconcileInterval(intervalMs: number): void {
    interval.set(intervalMs / 1_000)
  },
  /** By any replica. */
  booksProvedAt(at: Date): void {
    provedAt.set(at.getTime() / 1_000)
  },
  reconcileRunFinished(run: ReconcileRun): void {
    lastRunAt.set(run.finishedAt.getTime() / 1_000)
    lastRunTook.set(run.tookMs / 1_000)
    lastRunUsers.set(run.users)
    lastRunEntries.set(run.entries)
    for (const kind of DISCREPANCY_KINDS) lastRunFound[kind].set(run.findings.get(kind) ?? 0)
  },
}
