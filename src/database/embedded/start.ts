import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { log } from '../../observability/log'
import { SetupError } from '../../setupError'
import type { ConnectionSettings } from '../database'
import { findBinaries } from './binaries'
import { type Cluster, openCluster, superuser } from './cluster'
import { forgetStranger, lastSocketDir, livePostmaster, stopPostmaster } from './postmaster'
import { type Server, socketPort, startServer } from './server'

export interface EmbeddedPostgres {
  connection: ConnectionSettings
  /** Stops the server cleanly, unless it belongs to another process that shares it. Close all connections first. */
  stop(): Promise<void>
}

const DATABASE_NAME = 'tollgate'
const SOCKET_DIR_PREFIX = 'tollgate-'
// sockaddr_un has 108 bytes, of which one is the terminator.
const SOCKET_PATH_BYTES_MAX = 107
const START_PATIENCE_MS = 15_000
const RESTART_DELAY_MS_MAX = 5_000
const SHORT_LIFE_MS = 30_000
const SHARED_LOOK_MS = 250
const STOP_CLEAN_MS = 20_000

/**
 * Runs the Postgres that came with `npm install` on `<dataDir>/postgres` while this process lives, and restarts it if it dies.
 * If another live process runs it already, shares that one. `durable: false` turns fsync off.
 */
export async function startEmbeddedPostgres({
  dataDir,
  durable = true,
}: {
  dataDir: string
  durable?: boolean
}): Promise<EmbeddedPostgres> {
  const folder = resolve(dataDir)
  const cluster = openCluster(findBinaries(folder), folder)
  const keeper = new Keeper(cluster, durable)
  const connection = { ...(await keeper.start()), user: superuser, database: DATABASE_NAME }
  try {
    await createDatabase(connection)
  } catch (error) {
    await keeper.stop()
    throw error
  }
  return { connection, stop: () => keeper.stop() }
}

/** Keeps one server running on a data folder. Owns the server and the folder of its socket. */
class Keeper {
  readonly #cluster: Cluster
  readonly #durable: boolean
  #socketDir = ''
  /** Undefined while another process owns the server. */
  #server: Server | undefined
  #watching: Promise<void> | undefined
  readonly #stopping = new AbortController()

  constructor(cluster: Cluster, durable: boolean) {
    this.#cluster = cluster
    this.#durable = durable
  }

  async start(): Promise<{ host: string; port: number }> {
    const found = livePostmaster(this.#cluster.dir)
    this.#socketDir = found?.attended === true ? found.socketDir : makeSocketDir()
    await this.#runPatiently()
    this.#watching = this.#watch()
    return { host: this.#socketDir, port: socketPort }
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#watching
    if (this.#server === undefined) return
    await stopPostmaster(this.#server.pid, { cleanMs: STOP_CLEAN_MS })
    await this.#server.ended
    rmSync(this.#socketDir, { recursive: true, force: true })
  }

  /** The children and the shared memory of a killed server take a moment to disappear. */
  async #runPatiently(): Promise<void> {
    const deadlineMs = performance.now() + START_PATIENCE_MS
    for (;;) {
      try {
        return await this.#run()
      } catch (error) {
        if (error instanceof SetupError) throw error
        const complaint = (error as Error).message
        if (performance.now() > deadlineMs || !/still in use|lock file/.test(complaint)) {
          throw new SetupError(`The embedded Postgres does not start in ${this.#cluster.dir}:\n${complaint}`)
        }
        await sleep(100)
      }
    }
  }

  /** Makes one attempt: shares the server of another live process, or starts one. */
  async #run(): Promise<void> {
    const { dir } = this.#cluster
    const found = livePostmaster(dir)
    this.#server = undefined
    if (found?.attended === true) {
      if (!found.ready) throw new Error('lock file: another process is starting or stopping its server')
      return
    }
    // It is an orphan: its process was killed, and the server was not told.
    if (found !== undefined) await stopPostmaster(found.pid, { cleanMs: STOP_CLEAN_MS })
    removeStaleSocketDir(dir, this.#socketDir)
    forgetStranger(dir)
    this.#server = await startServer(this.#cluster, { socketDir: this.#socketDir, durable: this.#durable })
  }

  async #watch(): Promise<void> {
    let shortLives = 0
    // It was told to stop while a server was starting, so there is nothing to wait for.
    while (!this.#stopping.signal.aborted) {
      const startedMs = performance.now()
      const lastWords = await this.#untilGone()
      if (this.#stopping.signal.aborted) return
      shortLives = performance.now() - startedMs < SHORT_LIFE_MS ? shortLives + 1 : 0
      log.error({ lastWords }, 'the embedded Postgres has ended; starting it again')
      await this.#pause(shortLives <= 1 ? 0 : Math.min(100 * 2 ** shortLives, RESTART_DELAY_MS_MAX))
      if (this.#stopping.signal.aborted) return
      await this.#run().catch((error: Error) =>
        log.error({ err: error }, 'the embedded Postgres does not start'),
      )
    }
  }

  /** Resolves when the server has ended, with the end of its log, or when this is told to stop. */
  async #untilGone(): Promise<string> {
    const { signal } = this.#stopping
    if (this.#server !== undefined) {
      const stopped = new Promise<string>((resolve) => {
        signal.addEventListener('abort', () => resolve(''), { once: true })
      })
      return Promise.race([this.#server.ended, stopped])
    }
    while (!signal.aborted && livePostmaster(this.#cluster.dir)?.attended === true) {
      await this.#pause(SHARED_LOOK_MS)
    }
    return 'it was run by another process'
  }

  async #pause(delayMs: number): Promise<void> {
    await sleep(delayMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined)
  }
}

/** A socket's path must be short, so it is not in the data folder, whose path may be long. */
function makeSocketDir(): string {
  const isShort = (parent: string) =>
    Buffer.byteLength(join(parent, `${SOCKET_DIR_PREFIX}XXXXXX`, `.s.PGSQL.${socketPort}`)) <=
    SOCKET_PATH_BYTES_MAX
  const parent = isShort(tmpdir()) ? tmpdir() : '/tmp'
  return mkdtempSync(join(parent, SOCKET_DIR_PREFIX))
}

function removeStaleSocketDir(clusterDir: string, inUse: string): void {
  const stale = lastSocketDir(clusterDir)
  if (stale === undefined || stale === inUse || !basename(stale).startsWith(SOCKET_DIR_PREFIX)) return
  rmSync(stale, { recursive: true, force: true })
}

async function createDatabase(connection: ConnectionSettings): Promise<void> {
  const client = new Client({ ...connection, database: superuser })
  await client.connect()
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [
      connection.database,
    ])
    if (rowCount === 0) await client.query(`create database ${DATABASE_NAME}`)
  } finally {
    await client.end()
  }
}
