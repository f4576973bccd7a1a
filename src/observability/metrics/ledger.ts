import { counter, gauge, histogram } from '../instruments'

const conflicts = counter({
  name: 'tollgate_conflicts_total',
  help: 'Compare-and-swaps of a user that were lost to another writer.',
})
const deductionRetryCount = counter({
  name: 'credit_deduction_retry_count',
  help: 'Deductions tried again because their compare-and-swap was lost. More than 50 an hour is worth a look.',
})
const deductionRetries = counter({
  name: 'tollgate_deduction_retries_total',
  help: 'Postings tried again after a conflict or a transient database error.',
})
const replays = counter({
  name: 'tollgate_replays_total',
  help: 'Requests whose key had taken effect before, answered with the first result.',
})
const batches = counter({
  name: 'tollgate_batches_total',
  help: 'Group commits written by the ledger.',
})
const batchSize = histogram(
  { name: 'tollgate_batch_size', help: 'Ledger entries in one group commit.' },
  [1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
)
const commitSeconds = histogram(
  {
    name: 'tollgate_commit_seconds',
    help: 'Time from sending a batch to the database until it is committed.',
  },
  [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
)
const queueDepth = gauge({
  name: 'tollgate_queue_depth',
  help: 'Postings that wait in a lane for their batch.',
})

const failovers = counter({
  name: 'tollgate_database_failovers_total',
  help: 'Times that the database continued on another timeline or another cluster.',
})
const rewinds = counter({
  name: 'tollgate_database_rewinds_total',
  help: 'Times that the database was found to lack what it had committed, as after an asynchronous failover.',
})

const clockRefusals = counter({
  name: 'tollgate_database_clock_refused_total',
  help: 'Times of the database that were not believed, because they were far ahead of what this process had seen.',
})

export const ledgerMetrics = {
  databaseClockRefused(): void {
    clockRefusals.add()
  },
  databaseFailedOver(): void {
    failovers.add()
  },
  databaseRewound(): void {
    rewinds.add()
  },
  /** A user's compare-and-swap was lost; `postings` have to be decided again. */
  casConflict(postings = 1): void {
    conflicts.add(postings)
    deductionRetryCount.add(postings)
  },
  deductionRetry(postings = 1): void {
    deductionRetries.add(postings)
  },
  replay(): void {
    replays.add()
  },
  postingQueued(): void {
    queueDepth.add()
  },
  postingsTaken(postings: number): void {
    queueDepth.add(-postings)
  },
  batchCommitted({ size, commitMs }: { size: number; commitMs: number }): void {
    batches.add()
    batchSize.observe(size)
    commitSeconds.observe(commitMs / 1_000)
  },
}
