import { collectDefaultMetrics } from 'prom-client'
import { gauges, registry } from '../instruments'

const buildInfo = gauges({
  name: 'tollgate_build_info',
  help: 'Always 1; the labels name the release and its runtime.',
})

export const processMetrics = {
  /** Process-wide metrics: for a command that serves, not for every test. */
  processStarted(version: string): void {
    buildInfo.series({ version, node: process.versions.node }, 1)
    collectDefaultMetrics({ register: registry })
    // They have a label for each kind of handle that Node happens to have open; some, a counter's name on a gauge.
    for (const name of ['handles', 'requests', 'resources'])
      for (const suffix of ['', '_total']) registry.removeSingleMetric(`nodejs_active_${name}${suffix}`)
  },
}
