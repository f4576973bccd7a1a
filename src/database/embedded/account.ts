import { type SpawnSyncOptions, spawnSync } from 'node:child_process'
import { chownSync, lstatSync, readdirSync, statSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'

/**
 * The account that Postgres runs under. Postgres refuses to run as root, so root gives it the account that owns the data
 * folder, or `nobody`. If that account can't reach the files (a parent folder has mode 0700), Postgres runs in a user
 * namespace of its own, in which root appears as `nobody`.
 */
export type Account = { kind: 'self' } | { kind: 'other'; uid: number; gid: number } | { kind: 'namespace' }

const NOBODY = 65_534

export interface Command {
  file: string
  args: string[]
  /** For `spawn`. */
  credentials: { uid?: number; gid?: number }
}

/** How to start `program` under an account. With `dieWithParent` it is shut down when this process ends, even if it is killed. */
export function commandFor(
  account: Account,
  { program, args, dieWithParent }: { program: string; args: string[]; dieWithParent: boolean },
): Command {
  const words = [
    ...(account.kind === 'namespace' ? namespaceWords : []),
    // SIGINT asks Postgres for a fast, clean shutdown.
    ...(dieWithParent && hasSetpriv() ? ['setpriv', '--pdeathsig', 'INT'] : []),
    program,
    ...args,
  ]
  const [file = program, ...rest] = words
  return {
    file,
    args: rest,
    credentials: account.kind === 'other' ? { uid: account.uid, gid: account.gid } : {},
  }
}

const namespaceWords = ['unshare', '--user', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`]

/** The accounts to try, in order of preference. `ownerOf` is an existing data folder. */
export function accountsToTry(ownerOf: string | undefined): Account[] {
  if (process.getuid?.() !== 0) return isNameless() ? [{ kind: 'namespace' }] : [{ kind: 'self' }]
  const owner = ownerOf === undefined ? undefined : statSync(ownerOf)
  const other: Account =
    owner === undefined || owner.uid === 0
      ? { kind: 'other', uid: NOBODY, gid: NOBODY }
      : { kind: 'other', uid: owner.uid, gid: owner.gid }
  return [other, { kind: 'namespace' }]
}

/** Tries it, because mode bits alone don't tell. */
export function canRun(account: Account, program: string): boolean {
  return succeeds(account, program, ['--version'])
}

export function canEnter(account: Account, folder: string): boolean {
  return succeeds(account, '/bin/sh', ['-c', 'test -x "$1"', 'sh', folder])
}

/** Makes the account the owner of a folder and its contents. */
export function giveTo(account: Account, folder: string): void {
  if (process.getuid?.() !== 0) return
  const { uid, gid } = account.kind === 'other' ? account : { uid: 0, gid: 0 }
  if (statSync(folder).uid === uid) return
  chownTree(folder, uid, gid)
}

function chownTree(path: string, uid: number, gid: number): void {
  const stat = lstatSync(path)
  if (stat.isSymbolicLink()) return
  if (stat.isDirectory()) for (const name of readdirSync(path)) chownTree(join(path, name), uid, gid)
  // The folder itself comes last, so that the next start repeats a change that was interrupted.
  chownSync(path, uid, gid)
}

function succeeds(account: Account, program: string, args: string[]): boolean {
  const command = commandFor(account, { program, args, dieWithParent: false })
  const options: SpawnSyncOptions = { ...command.credentials, cwd: '/', stdio: 'ignore', timeout: 10_000 }
  return spawnSync(command.file, command.args, options).status === 0
}

let setpriv: boolean | undefined

/** util-linux has it. macOS and small images don't; there, the next start takes over the server of a killed process. */
function hasSetpriv(): boolean {
  setpriv ??= spawnSync('setpriv', ['--pdeathsig', 'INT', 'true'], { stdio: 'ignore' }).status === 0
  return setpriv
}

/** initdb needs an account name. A container that runs under a numeric id has none. */
function isNameless(): boolean {
  try {
    userInfo()
    return false
  } catch {
    return true
  }
}
