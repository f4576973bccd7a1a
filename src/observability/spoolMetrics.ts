import { Counter, Gauge } from 'prom-client'
import { registry } from './metrics'

const registers = [registry]

const entries = new Gauge({
  name: 'tollgate_spool_entries',
  help: 'Deferred charges on this disk that wait to be deducted.',
  registers,
})
const bytes = new Gauge({
  name: 'tollgate_spool_bytes',
  help: 'Bytes of the segments that hold them.',
  registers,
})
let oldestAcceptedAt: () => Date | undefined = () => undefined
new Gauge({
  name: 'tollgate_spool_oldest_age_seconds',
  help: 'How long the oldest of them has been waiting; 0 where none waits.',
  registers,
  collect() {
    const oldest = oldestAcceptedAt()
    this.set(oldest === undefined ? 0 : Math.max(0, Date.now() - oldest.getTime()) / 1_000)
  },
})
const drained = new Counter({
  name: 'tollgate_spool_drained_total',
  help: 'Deferred charges that left the spool: deducted, dropped because their key had taken effect before, or failed.',
  labelNames: ['outcome'],
  registers,
})
const postponed = new Counter({
  name: 'tollgate_spool_postponed_total',
  help: 'Attempts to deduct a deferred charge that have to be made again.',
  registers,
})
const refused = new Counter({
  name: 'tollgate_spool_refused_total',
  help: 'Charges that could not be deferred: the spool is full, its disk fails, or the user has deferred as much as one may.',
  labelNames: ['reason'],
  registers,
})
const damaged = new Counter({
  name: 'tollgate_spool_damaged_total',
  help: 'Stretches of the spool that could not be read. Their segments are kept in its folder quarantine.',
  registers,
})

const OUTCOMES = ['deducted', 'dropped', 'failed'] as const
const REFUSALS = ['full', 'disk', 'user'] as const
for (const outcome of OUTCOMES) drained.inc({ outcome }, 0)
for (const reason of REFUSALS) refused.inc({ reason }, 0)

export const spoolMetrics = {
  /** Looks at a spool whenever it is asked for its metrics. */
  watch(spool: { oldestAcceptedAt: Date | undefined }): void {
    oldestAcceptedAt = () => spool.oldestAcceptedAt
  },
  holds(now: { entries: number; bytes: number }): void {
    entries.set(now.entries)
    bytes.set(now.bytes)
  },
  drained(outcome: (typeof OUTCOMES)[number]): void {
    drained.inc({ outcome })
  },
  postponed(): void {
    postponed.inc()
  },
  refused(reason: (typeof REFUSALS)[number]): void {
    refused.inc({ reason })
  },
  damaged(stretches: number): void {
    damaged.inc(stretches)
  },
}
