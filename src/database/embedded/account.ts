import { type SpawnSyncOptions, spawnSync } from 'node:child_process'
import { chownSync, lstatSync, readdirSync, statSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'

/**
 * Who Postgres runs as. It refuses to be root, so root lends it the account that owns the data folder, or nobody's; where
 * that account can't get at the files (a parent folder closed with 0700), it stays root in the kernel's eyes but sees
 * itself as nobody, in a user namespace of its own.
 */
export type Account = { kind: 'self' } | { kind: 'other'; uid: number; gid: number } | { kind: 'namespace' }

const NOBODY = 65_534

export interface Command {
  file: string
  args: string[]
  /** For `spawn`. */
  credentials: { uid?: number; gid?: number }
}

/** How `program` is started under an account. With `dieWithParent` it is shut down when this process ends, however it ends. */
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

/** The accounts to try, best first; `ownerOf` is an existing data folder. */
export function accountsToTry(ownerOf: string | undefined): Account[] {
  if (process.getuid?.() !== 0) return isNameless() ? [{ kind: 'namespace' }] : [{ kind: 'self' }]
  const owner = ownerOf === undefined ? undefined : statSync(ownerOf)
  const other: Account =
    owner === undefined || owner.uid === 0
      ? { kind: 'other', uid: NOBODY, gid: NOBODY }
      : { kind: 'other', uid: owner.uid, gid: owner.gid }
  return [other, { kind: 'namespace' }]
}

/** Tried, rather than worked out from mode bits. */
export function canRun(account: Account, program: string): boolean {
  return succeeds(account, program, ['--version'])
}

export function canEnter(account: Account, folder: string): boolean {
  return succeeds(account, '/bin/sh', ['-c', 'test -x "$1"', 'sh', folder])
}

/** Gives a folder and what is in it to the account. */
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
  // The folder itself comes last, so that an interrupted change is taken up again.
  chownSync(path, uid, gid)
}

function succeeds(account: Account, program: string, args: string[]): boolean {
  const command = commandFor(account, { program, args, dieWithParent: false })
  const options: SpawnSyncOptions = { ...command.credentials, cwd: '/', stdio: 'ignore', timeout: 10_000 }
  return spawnSync(command.file, command.args, options).status === 0
}

let setpriv: boolean | undefined

/** util-linux has it; macOS and small images don't, and there a killed process leaves its server to the next start. */
function hasSetpriv(): boolean {
  setpriv ??= spawnSync('setpriv', ['--pdeathsig', 'INT', 'true'], { stdio: 'ignore' }).status === 0
  return setpriv
}

/** initdb insists on an account name. A container started under a number has none. */
function isNameless(): boolean {
  try {
    userInfo()
    return false
  } catch {
    return true
  }
}
