import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { SetupError } from '../../setupError'
import { type Account, accountsToTry, canEnter, canRun, commandFor, giveTo } from './account'
import { type Binaries, copyBinaries } from './binaries'

export const superuser = 'postgres'

/** A data folder that is ready for a server, and how to run one on it. */
export interface Cluster {
  dir: string
  account: Account
  binaries: Binaries
}

/** Creates the data folder `<dataDir>/postgres`, or uses an existing one. */
export function openCluster(binaries: Binaries, dataDir: string): Cluster {
  const dir = join(dataDir, 'postgres')
  makeDataDir(dataDir)
  const cluster = { dir, ...chooseAccount(binaries, dataDir, dir) }
  if (existsSync(dir)) {
    giveTo(cluster.account, dir)
    checkVersion(cluster)
  } else {
    initialise(cluster)
  }
  return cluster
}

function makeDataDir(dataDir: string): void {
  try {
    if (mkdirSync(dataDir, { recursive: true }) === undefined) return
    // Postgres' account must be able to pass through it, which root's own umask may prevent. It need not list it.
    if (process.getuid?.() === 0) chmodSync(dataDir, 0o711)
  } catch (error) {
    throw new SetupError(
      `The data folder ${dataDir} can't be made (${(error as Error).message}). Set TOLLGATE_DATA_DIR to a folder that can be written.`,
    )
  }
}

function chooseAccount(binaries: Binaries, dataDir: string, dir: string): Omit<Cluster, 'dir'> {
  const accounts = accountsToTry(existsSync(dir) ? dir : undefined).filter((account) =>
    canEnter(account, dataDir),
  )
  const direct = accounts.find((account) => canRun(account, binaries.postgres))
  if (direct !== undefined) return { account: direct, binaries }
  for (const account of accounts) {
    const copy = copyBinaries(binaries, dataDir)
    if (canRun(account, copy.postgres)) return { account, binaries: copy }
  }
  throw new SetupError(
    accounts.length === 0
      ? `Postgres can't run as root, and no other account may enter the data folder ${dataDir}. ` +
          'Start tollgate as an ordinary user, set TOLLGATE_DATA_DIR to a folder outside of closed ones, or set DATABASE_URL.'
      : `The embedded Postgres can't be run: ${complaintOf(binaries)}. Set DATABASE_URL to a Postgres of yours.`,
  )
}

function complaintOf(binaries: Binaries): string {
  const { stderr, error } = spawnSync(binaries.postgres, ['--version'], { encoding: 'utf8' })
  return (error?.message ?? stderr ?? '').trim()
}

/** The folder has another name until it is complete, so that an interrupted start leaves no partial one. */
function initialise({ dir, account, binaries }: Cluster): void {
  const unfinished = `${dir}.new`
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished, { mode: 0o700 })
  giveTo(account, unfinished)
  const command = commandFor(account, {
    program: binaries.initdb,
    args: [
      ...['--pgdata', unfinished, '--username', superuser],
      // Only the account itself and root can reach the socket. If root chose the account, `server.ts` is stricter.
      ...['--auth', 'trust', '--encoding', 'UTF8', '--locale', 'C', '--no-instructions'],
    ],
    dieWithParent: true,
  })
  const result = spawnSync(command.file, command.args, {
    ...command.credentials,
    cwd: dirname(unfinished),
    env: serverEnvironment(),
    encoding: 'utf8',
  })
  if (result.status !== 0) {
    rmSync(unfinished, { recursive: true, force: true })
    const complaint = (result.error?.message ?? result.stderr).trim()
    throw new SetupError(`The embedded Postgres could not be set up in ${dir}: ${complaint}`)
  }
  renameSync(unfinished, dir)
}

function checkVersion({ dir, binaries }: Cluster): void {
  let made: string
  try {
    made = readFileSync(join(dir, 'PG_VERSION'), 'utf8').trim()
  } catch (error) {
    throw new SetupError(
      `${dir} is not a Postgres data folder that can be read here (${(error as Error).message}). ` +
        'Run as the account that made it, or set TOLLGATE_DATA_DIR to another folder.',
    )
  }
  const [major] = binaries.version.split('.')
  if (made === major) return
  throw new SetupError(
    `${dir} was made by Postgres ${made}, and this is ${major}. Dump it with the older release and restore it here, ` +
      'or set TOLLGATE_DATA_DIR to another folder.',
  )
}

/** The environment without the variables that Postgres would read as settings. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('PG') && !name.startsWith('LC_'),
  )
  return { ...Object.fromEntries(kept), LC_ALL: 'C', TZ: 'UTC' }
}
