import { type Service, startService } from '../../src/compose/service'
import { readConfig } from '../../src/config/config'
import { type ConnectionSettings, type Database, openDatabase } from '../../src/database/database'

let running: { service: Service; database: Database } | undefined

/** A whole tollgate, wired as by `serve`, with the default settings except for work that would disturb the measurement. */
export async function tollgateServer({
  connection,
}: {
  connection: ConnectionSettings
}): Promise<{ address: string }> {
  const config = readConfig({
    TOLLGATE_GRPC_PORT: '0',
    TOLLGATE_DEFERRAL: 'off',
    // An hourly job would fill a run of seconds. It would also report users who start with credits as drift.
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

/** Writes what is queued and closes the database, so that the books can be checked. */
export async function drainServer(): Promise<void> {
  await running?.service.drain(1_000)
  await running?.database.close()
  running = undefined
}
