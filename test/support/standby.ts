import { type ChildProcess, spawn } from 'node:child_process'
import { appendFileSync, chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import type { ConnectionSettings } from '../../src/database/database'
import { commandFor, giveTo } from '../../src/database/embedded/account'
import { findBinaries } from '../../src/database/embedded/binaries'
import { type Cluster, openCluster, serverEnvironment, superuser } from '../../src/database/embedded/cluster'
import { stopPostmaster } from '../../src/database/embedded/postmaster'
import { socketPort, startServer } from '../../src/database/embedded/server'

/** A primary and its asynchronous standby, each a real server. */
export interface ReplicatedPostgres {
  primary: ConnectionSettings
  standby: ConnectionSettings
  /** Waits until the standby has replayed everything, then cuts it off from the primary. */
  cutOff(): Promise<void>
  /** Stops the primary; the standby takes its place. */
  promote(): Promise<void>
  remove(): Promise<void>
}

export async function startReplicatedPostgres(): Promise<ReplicatedPostgres> {
  const folder = mkdtempSync(join(tmpdir(), 'tg-pair-'))
  chmodSync(folder, 0o755)
  const cluster = openCluster(findBinaries(folder), folder)
  const sockets = { primary: join(folder, 'p'), standby: join(folder, 's') }
  const server = await startServer(cluster, { socketDir: sockets.primary, durable: false })
  const primary = connectionTo(sockets.primary)
  const dir = await baseBackup(cluster, primary, join(folder, 'standby'))
  const standbyServer = startStandby(cluster, dir, sockets.standby)
  const standby = connectionTo(sockets.standby)
  await until(() => on(standby, 'select true as done'))
  return {
    primary,
    standby,
    async cutOff() {
      const [{ at } = { at: '' }] = await on<{ at: string }>(
        primary,
        'select pg_current_wal_insert_lsn()::text as at',
      )
      await until(() => on(standby, `select pg_last_wal_replay_lsn() >= '${at}' as done`))
      await on(standby, "alter system set primary_conninfo = ''")
      await on(standby, 'select pg_reload_conf()')
      await until(() => on(standby, 'select count(*) = 0 as done from pg_stat_wal_receiver'))
    },
    async promote() {
      await stopPostmaster(server.pid, { cleanMs: 10_000 })
      await on(standby, 'select pg_promote()')
      await until(() => on(standby, 'select not pg_is_in_recovery() as done'))
    },
    async remove() {
      await stopPostmaster(server.pid, { cleanMs: 10_000 })
      if (standbyServer.pid !== undefined) await stopPostmaster(standbyServer.pid, { cleanMs: 10_000 })
      rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
    },
  }
}

/** What `pg_basebackup -R` makes, which the npm package of Postgres lacks. */
async function baseBackup(cluster: Cluster, primary: ConnectionSettings, dir: string): Promise<string> {
  const client = new Client(primary)
  await client.connect()
  // The standby connects as the account that the servers run under.
  const { rows: files } = await client.query<{ hba_file: string }>('show hba_file')
  appendFileSync(files[0]?.hba_file ?? '', 'local replication all trust\n')
  await client.query('select pg_reload_conf()')
  await client.query("select pg_backup_start('standby', true)")
  cpSync(cluster.dir, dir, { recursive: true, filter: (path) => !path.endsWith('postmaster.pid') })
  const { rows } = await client.query<{ labelfile: string }>('select labelfile from pg_backup_stop(false)')
  await client.end()
  writeFileSync(join(dir, 'backup_label'), rows[0]?.labelfile ?? '')
  writeFileSync(join(dir, 'standby.signal'), '')
  const conninfo = `host=${primary.host} port=${socketPort} user=${superuser}`
  appendFileSync(join(dir, 'postgresql.auto.conf'), `primary_conninfo = '${conninfo}'\n`)
  chmodSync(dir, 0o700)
  giveTo(cluster.account, dir)
  return dir
}

function startStandby({ account, binaries }: Cluster, dir: string, socketDir: string): ChildProcess {
  mkdirSync(socketDir)
  chmodSync(socketDir, 0o700)
  giveTo(account, socketDir)
  const args = [
    '-D',
    dir,
    '-k',
    socketDir,
    '-p',
    String(socketPort),
    '-c',
    'listen_addresses=',
    '-c',
    'fsync=off',
  ]
  const command = commandFor(account, { program: binaries.postgres, args, dieWithParent: true })
  const options = { ...command.credentials, cwd: '/', env: serverEnvironment(), stdio: 'ignore' as const }
  return spawn(command.file, command.args, options)
}

function connectionTo(socketDir: string): ConnectionSettings {
  return { host: socketDir, port: socketPort, user: superuser, database: superuser }
}

async function on<Row extends object>(connection: ConnectionSettings, query: string): Promise<Row[]> {
  const client = new Client(connection)
  await client.connect()
  try {
    return (await client.query(query)).rows as Row[]
  } finally {
    await client.end()
  }
}

async function until(done: () => Promise<{ done?: boolean }[]>): Promise<void> {
  const endMs = performance.now() + 20_000
  for (;;) {
    const rows = await done().catch(() => [])
    if (rows[0]?.done === true) return
    if (performance.now() > endMs) throw new Error('the standby did not get there in time')
    await sleep(50)
  }
}
