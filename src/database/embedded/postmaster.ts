import { execFileSync } from 'node:child_process'
import { readFileSync, readlinkSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { SetupError } from '../../setupError'

/** A live server on a data folder, as its postmaster.pid describes it. */
export interface Postmaster {
  pid: number
  socketDir: string
  ready: boolean
  /** Whether the process that started it still runs. */
  attended: boolean
}

/** The live server on this data folder, if there is one. */
export function livePostmaster(clusterDir: string): Postmaster | undefined {
  const lines = readLines(join(clusterDir, 'postmaster.pid'))
  const pid = Number(lines[0])
  if (!Number.isInteger(pid) || pid <= 1 || !isPostgresOf(pid, clusterDir)) return undefined
  return {
    pid,
    socketDir: lines[4] ?? '',
    ready: lines[7]?.trim() === 'ready',
    attended: parentOf(pid) === Number(readLines(attendantFile(clusterDir))[0]),
  }
}

/**
 * Records that this process owns the folder's server, and where the server's socket is. A process that finds the server with
 * another parent knows that it is an orphan.
 */
export function attend(clusterDir: string, socketDir: string): void {
  writeFileSync(attendantFile(clusterDir), `${process.pid}\n${socketDir}\n`)
}

/** The socket folder of the last server. A process that was killed could not remove it. */
export function lastSocketDir(clusterDir: string): string | undefined {
  return readLines(attendantFile(clusterDir))[1] || undefined
}

/**
 * Removes a postmaster.pid whose process id now belongs to another program, because ids repeat soon in a container. Postgres
 * itself removes those whose process is gone.
 */
export function forgetStranger(clusterDir: string): void {
  const pid = Number(readLines(join(clusterDir, 'postmaster.pid'))[0])
  if (Number.isInteger(pid) && pid > 0 && isAlive(pid) && !isPostgresOf(pid, clusterDir)) {
    rmSync(join(clusterDir, 'postmaster.pid'), { force: true })
  }
}

/** Stops a server cleanly, or kills it if that takes too long. Nothing committed is lost either way. */
export async function stopPostmaster(pid: number, { cleanMs }: { cleanMs: number }): Promise<void> {
  if (!signal(pid, 'SIGINT') || (await isGone(pid, cleanMs))) return
  if (!signal(pid, 'SIGQUIT') || (await isGone(pid, 5_000))) return
  signal(pid, 'SIGKILL')
  await isGone(pid, 5_000)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  // It has ended, but its parent has not collected it, and may never do so: a container's first process.
  return statOf(pid)?.state !== 'Z'
}

function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    process.kill(pid, name)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw new SetupError(
      `The embedded Postgres of another account is running on this data folder (process ${pid}). ` +
        'Stop it, or set TOLLGATE_DATA_DIR to a folder of your own.',
    )
  }
}

async function isGone(pid: number, waitMs: number): Promise<boolean> {
  const deadlineMs = performance.now() + waitMs
  while (isAlive(pid)) {
    if (performance.now() > deadlineMs) return false
    await sleep(20)
  }
  return true
}

function attendantFile(clusterDir: string): string {
  return `${clusterDir}.attendant`
}

/** Postgres' working directory is its data folder, unlike that of another process with the same id. */
function isPostgresOf(pid: number, clusterDir: string): boolean {
  if (!isAlive(pid)) return false
  if (process.platform !== 'linux') return ps(pid, 'comm').includes('postgres')
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(clusterDir)
  } catch {
    // The process belongs to another account, so only its name is known.
    return (readLines(`/proc/${pid}/comm`)[0] ?? '').startsWith('postgres')
  }
}

function parentOf(pid: number): number | undefined {
  return process.platform === 'linux' ? statOf(pid)?.parent : Number(ps(pid, 'ppid'))
}

function statOf(pid: number): { state: string; parent: number } | undefined {
  const [line = ''] = readLines(`/proc/${pid}/stat`)
  // `pid (name) state parent …`: the name may contain anything, so fields are counted from the last parenthesis.
  const [state, parent] = line.slice(line.lastIndexOf(')') + 2).split(' ')
  return state && parent ? { state, parent: Number(parent) } : undefined
}

function ps(pid: number, column: string): string {
  try {
    return execFileSync('ps', ['-o', `${column}=`, '-p', String(pid)], { encoding: 'utf8' }).trim()
  } catch {
    return ''
  }
}

function readLines(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n')
  } catch {
    return []
  }
}
