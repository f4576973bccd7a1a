import { counter, counters, gauge, gaugeRead, seriesBy } from '../instruments'

const entries = gauge({
  name: 'tollgate_spool_entries',
  help: 'Deferred charges on this disk that wait to be deducted.',
})
const bytes = gauge({ name: 'tollgate_spool_bytes', help: "Bytes of the spool's segments." })
let oldestAcceptedAt: () => Date | undefined = () => undefined
gaugeRead(
  {
    name: 'tollgate_spool_oldest_age_seconds',
    help: 'How long the oldest deferred charge has been waiting; 0 if none waits.',
  },
  () => {
    const oldest = oldestAcceptedAt()
    return oldest === undefined ? 0 : Math.max(0, Date.now() - oldest.getTime()) / 1_000
  },
)
const drained = seriesBy(
  counters({
    name: 'tollgate_spool_drained_total',
    help: 'Deferred charges that left the spool: deducted, dropped because their key had taken effect before, or failed.',
  }),
  'outcome',
  ['deducted', 'dropped', 'failed'],
)
const postponed = counter({
  name: 'tollgate_spool_postponed_total',
  help: 'Failed attempts to deduct a deferred charge, which are repeated.',
})
const refused = seriesBy(
  counters({
    name: 'tollgate_spool_refused_total',
    help: 'Charges that could not be deferred: the spool is full, its disk fails, or the user has deferred as much as is allowed.',
  }),
  'reason',
  ['full', 'disk', 'user'],
)
const damaged = counter({
  name: 'tollgate_spool_damaged_total',
  help: 'Passages of the spool that could not be read. Their segments are kept in its folder quarantine.',
})

export const spoolMetrics = {
  /** Looks at a spool whenever it is asked for its metrics. */
  spoolOpened(spool: { oldestAcceptedAt: Date | undefined }): void {
    oldestAcceptedAt = () => spool.oldestAcceptedAt
  },
  spoolHolds(now: { entries: number; bytes: number }): void {
    entries.set(now.entries)
    bytes.set(now.bytes)
  },
  spoolDrained(outcome: keyof typeof drained): void {
    drained[outcome].add()
  },
  spoolPostponed(): void {
    postponed.add()
  },
  spoolRefused(reason: keyof typeof refused): void {
    refused[reason].add()
  },
  spoolDamaged(stretches: number): void {
    damaged.add(stretches)
  },
}
