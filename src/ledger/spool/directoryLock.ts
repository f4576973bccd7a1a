import { type FileHandle, open } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { tryLock } from 'fs-native-extensions'
import { SetupError } from '../../setupError'

export const LOCK_NAME = 'lock'

/** Keeps a folder to one process. The kernel releases it when that process ends, however it ends. */
export interface DirectoryLock {
  release(): Promise<void>
}

/** @throws SetupError where another process has the folder */
export async function lockDirectory(dir: string): Promise<DirectoryLock> {
  const file = await open(join(dir, LOCK_NAME), 'a+', 0o600)
  if (!tryLock(file.fd)) {
    const owner = (await file.readFile('utf8')).trim()
    await file.close()
    throw new SetupError(
      `The spool ${dir} belongs to a process that runs${owner === '' ? '' : ` (${owner})`}. Each process needs one of its own: ` +
        'stop that one, or give this one its own TOLLGATE_DATA_DIR or TOLLGATE_SPOOL_DIR, or set TOLLGATE_DEFERRAL=off.',
    )
  }
  await writeOwner(file)
  return { release: () => file.close() }
}

/**
 * The owner of the folder, such as `process 7 on host`, if it could write its name. Undefined = no
 * owner. It changes nothing, but a process that starts during the check finds the folder taken.
 */
export async function directoryOwner(dir: string): Promise<string | undefined> {
  const file = await open(join(dir, LOCK_NAME), 'r+').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (file === undefined) return undefined
  try {
    if (tryLock(file.fd)) return undefined
    return (await file.readFile('utf8')).trim() || 'a process'
  } finally {
    await file.close()
  }
}

/** For the message that the next one gets; on a full disk it goes without. */
async function writeOwner(file: FileHandle): Promise<void> {
  try {
    await file.truncate(0)
    await file.appendFile(`process ${process.pid} on ${hostname()}\n`)
  } catch {
    // The lock holds all the same.
  }
}
