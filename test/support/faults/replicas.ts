import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TollgateClient } from '../../../clients/node/src/connect'
import type { ConnectionSettings } from '../../../src/database/database'
import { type ServerProcess, startServerProcess } from '../serverProcess'
import { urlOf } from '../testDatabase'

/** Servers on one database, each with its own folder for deferred charges. */
export class Replicas {
  readonly #environment: Record<string, string>
  readonly #folder = mkdtempSync(join(tmpdir(), 'tg-replicas-'))
  readonly #running = new Map<string, ServerProcess>()

  constructor(connection: ConnectionSettings, environment: Record<string, string> = {}) {
    this.#environment = {
      DATABASE_URL: connection.host?.startsWith('/') ? urlOf(connection) : tcpUrlOf(connection),
      TOLLGATE_DEFERRAL: 'on',
      // No stream expires by itself here.
      TOLLGATE_STREAM_VALIDITY_SECONDS: '3600',
      ...environment,
    }
  }

  /** Starts a replica, which takes over the spool of the previous one of this name. */
  async start(name: string, environment: Record<string, string> = {}): Promise<ServerProcess> {
    const server = await startServerProcess({
      ...this.#environment,
      TOLLGATE_SPOOL_DIR: this.spoolDirOf(name),
      ...environment,
    })
    this.#running.set(name, server)
    return server
  }

  spoolDirOf(name: string): string {
    return join(this.#folder, name)
  }

  /** @throws if none of that name runs */
  get(name: string): ServerProcess {
    const server = this.#running.get(name)
    if (server === undefined) throw new Error(`${name} does not run`)
    return server
  }

  get clients(): readonly TollgateClient[] {
    return [...this.#running.values()].map(({ client }) => client)
  }

  async kill(name: string): Promise<void> {
    const server = this.get(name)
    this.#running.delete(name)
    await server.kill()
  }

  async stop(name: string): Promise<number | null> {
    const server = this.get(name)
    this.#running.delete(name)
    return await server.stop()
  }

  async remove(): Promise<void> {
    for (const [name, server] of this.#running) {
      server.wakeUp()
      await this.kill(name)
    }
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

function tcpUrlOf({ host, port, user, database }: ConnectionSettings): string {
  return `postgres://${user}@${host}:${port}/${database}`
}
