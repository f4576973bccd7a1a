import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ConnectionSettings } from '../../src/database/database'
import type { Binaries } from '../../src/database/embedded/binaries'
import { openCluster, superuser } from '../../src/database/embedded/cluster'
import { stopPostmaster } from '../../src/database/embedded/postmaster'
import { socketPort, startServer } from '../../src/database/embedded/server'

export interface SystemPostgres {
  connection: ConnectionSettings
  remove(): Promise<void>
}

/**
 * Starts the Postgres that is installed on this machine, for tests of its tools: pg_dump reads no server newer than itself.
 * undefined if none is installed.
 */
export async function startSystemPostgres(): Promise<SystemPostgres | undefined> {
  const binaries = installed()
  if (binaries === undefined) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'tg-system-'))
  chmodSync(folder, 0o755)
  const cluster = openCluster(binaries, folder)
  const socketDir = join(folder, 's')
  const server = await startServer(cluster, { socketDir, durable: false })
  return {
    connection: { host: socketDir, port: socketPort, user: superuser, database: superuser },
    async remove() {
      await stopPostmaster(server.pid, { cleanMs: 10_000 })
      rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
    },
  }
}

function installed(): Binaries | undefined {
  const { stdout, status } = spawnSync('pg_config', ['--bindir'], { encoding: 'utf8' })
  if (status !== 0) return undefined
  const bin = stdout.trim()
  const [postgres, initdb] = [join(bin, 'postgres'), join(bin, 'initdb')]
  if (!existsSync(postgres) || !existsSync(initdb)) return undefined
  const version =
    /\d+(\.\d+)*/.exec(spawnSync(postgres, ['--version'], { encoding: 'utf8' }).stdout)?.[0] ?? ''
  return { postgres, initdb, version, nativeDir: join(bin, '..') }
}
