import { Command } from 'commander'
import { checkSchema } from '../compose/checkSchema'
import { checkDatabase, openConfiguredDatabase } from '../compose/openConfiguredDatabase'
import { type Service, startService } from '../compose/service'
import { type Config, readConfig } from '../config/config'
import { unknownVariables } from '../config/environment'
import { migrateToLatest } from '../database/migrate'
import { type HttpServer, startHttp } from '../observability/http'
import { flushLog, log } from '../observability/log'
import { metrics } from '../observability/metrics'
import { flushSentry, reportFatal, startSentry } from '../observability/sentry'
import { version } from '../version'

const SENTRY_FLUSH_MS_MAX = 5_000
// npm passes Ctrl-C on to a program that already got it from the terminal: within this time, two signals count as one.
const SAME_SIGNAL_MS = 1_000

export function serveCommand(): Command {
  return new Command('serve')
    .description('serve gRPC until SIGINT or SIGTERM, then drain')
    .action(() => serve(readConfig(process.env)))
}

/** Runs until a stop signal, then stops what was started, in reverse order. */
async function serve(config: Config): Promise<void> {
  const stopping = stopRequest()
  log.level = config.logLevel
  for (const name of unknownVariables(process.env))
    log.warn({ name }, 'this variable means nothing to tollgate')
  await startSentry({ dsn: config.sentryDsn, release: version })
  reportCrashes()
  metrics.processStarted(version)
  const stops: (() => Promise<void>)[] = [() => flushSentry(SENTRY_FLUSH_MS_MAX)]
  try {
    const { service, http } = await startAll(config, stops)
    process.stdout.write(`${readyLine(config, service, http)}\n`)
    await stopping
    log.info('draining')
  } finally {
    await stopAll(stops)
  }
  log.info('stopped')
}

async function startAll(
  config: Config,
  stops: (() => Promise<void>)[],
): Promise<{ service: Service; http: HttpServer }> {
  log.info(config.databaseUrl === undefined ? 'starting Postgres' : 'connecting to Postgres')
  const database = await openConfiguredDatabase(config)
  stops.push(() => database.close())
  if (config.migrates) {
    log.info('migrating')
    const applied = await migrateToLatest(database)
    log.info({ migrations: applied.length }, 'the schema is up to date')
  }
  await checkSchema(database)

  const state: ServiceState = { service: undefined }
  const http = await startHttp({
    ...config.metrics,
    readiness: {
      probe: () => checkDatabase(database),
      problem: (databaseError) => problemOf(state, databaseError),
    },
  })
  stops.push(() => http.close())

  const service = await startService(config, database)
  state.service = service
  stops.push(async () => {
    state.service = undefined
    await service.drain(config.drainGraceMs)
  })
  return { service, http }
}

/** Stops in reverse order; a failure doesn't keep the others from stopping. */
async function stopAll(stops: (() => Promise<void>)[]): Promise<void> {
  for (const stop of stops.toReversed()) {
    try {
      await stop()
    } catch (error) {
      process.exitCode = 1
      log.error({ err: error }, 'something did not stop cleanly')
    }
  }
}

interface ServiceState {
  /** Undefined before it is serving, and while it drains. */
  service: Service | undefined
}

function problemOf({ service }: ServiceState, databaseError: Error | undefined): string | undefined {
  if (service === undefined) return 'starting or draining'
  // A replica that can defer charges still works; taken out of service, it could not even do that.
  return service.takesChargesWithoutDatabase() ? undefined : databaseError?.message
}

function readyLine(config: Config, service: Service, http: HttpServer): string {
  const host = config.metrics.host.includes(':') ? `[${config.metrics.host}]` : config.metrics.host
  return `tollgate ready grpc=${service.address} metrics=http://${host}:${http.port}/metrics`
}

/** Resolves at the first SIGINT or SIGTERM; a second one ends the process immediately. */
function stopRequest(): Promise<void> {
  return new Promise((resolve) => {
    let firstMs: number | undefined
    const onSignal = () => {
      const nowMs = performance.now()
      firstMs ??= nowMs
      if (nowMs - firstMs > SAME_SIGNAL_MS) {
        log.warn('told to stop again: ending without a drain')
        flushLog()
        process.exit(130)
      }
      resolve()
    }
    process.on('SIGINT', onSignal)
    process.on('SIGTERM', onSignal)
  })
}

/** After an uncaught error the state is unknown: report it, and let a fresh process take over. */
function reportCrashes(): void {
  const onCrash = (error: unknown) => {
    reportFatal('CRASH', { message: 'tollgate ended over an error that nothing caught', error })
    void flushSentry(SENTRY_FLUSH_MS_MAX).finally(() => {
      flushLog()
      process.exit(1)
    })
  }
  process.on('uncaughtException', onCrash)
  process.on('unhandledRejection', onCrash)
}
