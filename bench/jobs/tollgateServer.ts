import { type Service, startService } from '../../src/compose/service'
import { readConfig } from '../../src/config/config'
import { type ConnectionSettings, type Database, openDatabase } from '../../src/database/database'

let running: { service: Service; database: Database } | undefined

/** A whole tollgate, as `serve` wires it, with the default settings but for what would be measured beside the calls. */
export async function tollgateServer({
  connection,
}: {
  connection: ConnectionSettings
}): Promise<{ address: string }> {
  const config = readConfig({
    TOLLGATE_GRPC_PORT: '0',
    TOLLGATE_DEFERRAL: 'off',
    // Once an hour, it would be all the time in a run of seconds; and it takes users who began with credits for a drift.
    TOLLGATE_RECONCILE_INTERVAL_SECONDS: '0',
  })
  const database = openDatabase(connection, {
    poolSizeMax: config.databasePoolSizeMax,
    onIdleError: () => undefined,
  })
  const service = await startService(config, database)
  running = { service, database }
  return { address: service.address }
}

/** Writes what is queued and lets go of the database, so that the books can be read. */
export async function drainServer(): Promise<void> {
  await running?.service.drain(1_000)
  await running?.database.close()
  running = undefined
}
