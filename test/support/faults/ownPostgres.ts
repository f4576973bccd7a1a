import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import type { ConnectionSettings } from '../../../src/database/database'
import { findBinaries } from '../../../src/database/embedded/binaries'
import { openCluster, superuser } from '../../../src/database/embedded/cluster'
import { stopPostmaster } from '../../../src/database/embedded/postmaster'
import { type Server, socketPort, startServer } from '../../../src/database/embedded/server'

const START_MS_MAX = 30_000

/** A durable Postgres of the test's own, which can be killed, paused and restarted. */
export class OwnPostgres {
  readonly connection: ConnectionSettings
  readonly #start: () => Promise<Server>
  readonly #folder: string
  #server: Server

  private constructor(folder: string, { start, server, connection }: Started) {
    this.#folder = folder
    this.#start = start
    this.#server = server
    this.connection = connection
  }

  static async create(): Promise<OwnPostgres> {
    const folder = mkdtempSync(join(tmpdir(), 'tg-faults-'))
    // Readable like any other folder, because root's Postgres runs under another account.
    chmodSync(folder, 0o755)
    const cluster = openCluster(findBinaries(folder), folder)
    const socketDir = join(folder, 's')
    const start = () => startServer(cluster, { socketDir, durable: true })
    const server = await start()
    const connection = { host: socketDir, port: socketPort, user: superuser, database: superuser }
    return new OwnPostgres(folder, { start, server, connection })
  }

  /** `SIGKILL` is like a crash of the machine, `SIGQUIT` is Postgres' own immediate stop. Resolves when it has ended. */
  async kill(signal: 'SIGKILL' | 'SIGQUIT'): Promise<void> {
    process.kill(this.#server.pid, signal)
    await this.#server.ended
  }

  /** Kills one server process. Postgres then ends all others and recovers by itself. */
  killBackend(pid: number): void {
    if (this.#processes().includes(pid)) process.kill(pid, 'SIGKILL')
  }

  /** Restarts after a kill. The old server's children and shared memory take a moment to disappear. */
  async start(): Promise<void> {
    const endsAt = performance.now() + START_MS_MAX
    for (;;) {
      try {
        this.#server = await this.#start()
        return
      } catch (error) {
        if (performance.now() > endsAt || !/still in use|lock file/.test((error as Error).message))
          throw error
        await sleep(50)
      }
    }
  }

  /** Pauses all of its processes, as on a paused machine. */
  pause(): void {
    for (const pid of this.#processes()) signalQuietly(pid, 'SIGSTOP')
  }

  wakeUp(): void {
    for (const pid of this.#processes().toReversed()) signalQuietly(pid, 'SIGCONT')
  }

  async query(text: string): Promise<Record<string, unknown>[]> {
    const client = new Client(this.connection)
    client.on('error', () => undefined)
    await client.connect()
    try {
      return (await client.query(text)).rows
    } finally {
      await client.end()
    }
  }

  async remove(): Promise<void> {
    this.wakeUp()
    await stopPostmaster(this.#server.pid, { cleanMs: 10_000 })
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  }

  /** The first one's id, then its children's. */
  #processes(): number[] {
    const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    const first = this.#server.pid
    const children = stdout.split('\n').flatMap((line) => {
      const [pid, parent] = line.trim().split(/\s+/).map(Number)
      return parent === first && pid !== undefined ? [pid] : []
    })
    return [first, ...children]
  }
}

interface Started {
  start: () => Promise<Server>
  server: Server
  connection: ConnectionSettings
}

function signalQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It has ended in the meantime.
  }
}
