import { ReconcileJob } from '../../src/billing/reconcile/reconcileJob'
import { readConfig } from '../../src/config/config'
import { registry } from '../../src/observability/metrics'
import { type EngineMeasured, engineLoad } from './engineLoad'
import { withReadable } from './reconcilable'

type EngineLoad = Parameters<typeof engineLoad>[0]

/**
 * Charges through an engine while the periodic job proves the same books in the same process, as in a server. The job starts
 * at the first entries, runs again and again, and has its default pace.
 */
export function reconcileBeside(load: EngineLoad): Promise<EngineMeasured & { entriesProved: number }> {
  return withReadable(load.connection, async (billing) => {
    const { entriesPerSecondMax } = readConfig({}).reconcile
    const job = new ReconcileJob(billing, {
      intervalMs: 0,
      fromStartIntervalMs: 0,
      entriesPerSecondMax,
      pollIntervalMs: 0,
    })
    job.start()
    try {
      const measured = await engineLoad(load)
      return { ...measured, entriesProved: await entriesProved() }
    } finally {
      await job.stop()
    }
  })
}

async function entriesProved(): Promise<number> {
  const { values } = (await registry.getSingleMetric('tollgate_reconcile_entries_total')?.get()) ?? {
    values: [],
  }
  return values[0]?.value ?? Number.NaN
}
