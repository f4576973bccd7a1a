import { readConfig } from '../../src/config/config'
import type { ConnectionSettings } from '../../src/database/database'
import type { RatedCall } from '../../src/domain/ledger/charge'
import { LedgerEngine } from '../../src/ledger/engine'
import { registry } from '../../src/observability/metrics'
import { type Load, type Measured, underLoad } from '../load'
import { type UserChoice, userChooser } from '../users'
import { nextCharge } from './posting'

export interface EngineMeasured extends Measured {
  batchSizeMean: number
  conflicts: number
}

/** Charges through one engine, as a replica does, with the default settings. */
export async function engineLoad({
  connection,
  users,
  load,
  call,
}: {
  connection: ConnectionSettings
  users: UserChoice
  load: Load
  /** Absent = a price that is in no table. */
  call?: RatedCall
}): Promise<EngineMeasured> {
  const { ledger: settings, trial } = readConfig({})
  const ledger = new LedgerEngine({ ...settings, connection, rules: { trial } })
  await ledger.start()
  const nextUser = userChooser(users)
  try {
    const measured = await underLoad(() => ledger.post(nextCharge(nextUser(), call)), load)
    return {
      ...measured,
      batchSizeMean:
        (await metricOf('tollgate_batch_size', '_sum')) / (await metricOf('tollgate_batches_total')),
      conflicts: await metricOf('tollgate_conflicts_total'),
    }
  } finally {
    await ledger.drain()
  }
}

async function metricOf(name: string, suffix = ''): Promise<number> {
  const { values } = (await registry.getSingleMetric(name)?.get()) ?? { values: [] }
  const found = values.find((value) => !('metricName' in value) || value.metricName === name + suffix)
  return found?.value ?? Number.NaN
}
