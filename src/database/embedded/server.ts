import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { log } from '../../observability/log'
import { commandFor, giveTo } from './account'
import { type Cluster, serverEnvironment } from './cluster'
import { attend, livePostmaster } from './postmaster'

export const socketPort = 5432

/** A Postgres that this process started and owns. */
export interface Server {
  pid: number
  /** Resolves with the end of its log, once it has ended for any reason. */
  ended: Promise<string>
}

export interface ServerSettings {
  socketDir: string
  /** False only in tests, where a crash may lose everything. */
  durable: boolean
}

/** Starts the server and waits until it accepts connections. If it ends before, rejects with the end of its log. */
export async function startServer(cluster: Cluster, settings: ServerSettings): Promise<Server> {
  mkdirSync(settings.socketDir, { recursive: true })
  chmodSync(settings.socketDir, 0o700)
  giveTo(cluster.account, settings.socketDir)
  const command = commandFor(cluster.account, {
    program: cluster.binaries.postgres,
    args: serverArguments(cluster, settings),
    dieWithParent: true,
  })
  const child = spawn(command.file, command.args, {
    ...command.credentials,
    cwd: '/',
    env: serverEnvironment(),
    stdio: ['ignore', 'ignore', 'pipe'],
    // In a session of its own, because Ctrl-C in a terminal must not stop it before this process has finished.
    detached: true,
  })
  const ended = lastWords(child)
  attend(cluster.dir, settings.socketDir)
  return untilReady(cluster, child, ended)
}

function serverArguments(cluster: Cluster, { socketDir, durable }: ServerSettings): string[] {
  const safe = durable ? 'on' : 'off'
  const settings = {
    listen_addresses: '',
    unix_socket_permissions: '0700',
    fsync: safe,
    synchronous_commit: safe,
    full_page_writes: safe,
    jit: 'off',
    log_checkpoints: 'off',
    log_timezone: 'UTC',
    timezone: 'UTC',
  }
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  return ['-D', cluster.dir, '-k', socketDir, '-p', String(socketPort), ...options, ...accessOptions(cluster)]
}

/**
 * If root runs the server under another account, that account's other processes can reach the socket too. Then Postgres asks
 * the kernel who connects, and accepts root alone.
 */
function accessOptions({ dir, account, binaries }: Cluster): string[] {
  // Postgres knows `all` for every role since version 16. npm's is newer.
  if (account.kind !== 'other' || Number.parseInt(binaries.version, 10) < 16) return []
  const hbaFile = join(dir, 'tollgate_hba.conf')
  const identFile = join(dir, 'tollgate_ident.conf')
  writeFileSync(hbaFile, 'local all all peer map=tollgate\n')
  writeFileSync(identFile, 'tollgate root all\n')
  for (const file of [hbaFile, identFile]) chmodSync(file, 0o644)
  return ['-c', `hba_file=${hbaFile}`, '-c', `ident_file=${identFile}`]
}

async function untilReady(cluster: Cluster, child: ChildProcess, ended: Promise<string>): Promise<Server> {
  let words: string | undefined
  void ended.then((last) => {
    words = last
  })
  while (words === undefined) {
    const postmaster = livePostmaster(cluster.dir)
    if (postmaster?.ready && postmaster.pid === child.pid) {
      return { pid: postmaster.pid, ended }
    }
    await sleep(10)
  }
  throw new Error(words)
}

const WORDS_KEPT = 10

/** Copies the server's log to ours, and keeps the end of it. */
function lastWords(child: ChildProcess): Promise<string> {
  const words: string[] = []
  if (child.stderr !== null) {
    createInterface({ input: child.stderr }).on('line', (line) => {
      words.push(line)
      if (words.length > WORDS_KEPT) words.shift()
      log.debug({ postgres: line }, 'embedded Postgres')
    })
  }
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => {
      // After a kill, its children may keep the pipe open for a while. The server's own output has arrived by now.
      setTimeout(() => {
        words.push(`postgres ended with ${signal ?? `code ${code}`}`)
        resolve(words.join('\n'))
      }, 50)
    })
  })
}
