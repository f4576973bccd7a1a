import { existsSync, statSync } from 'node:fs'
import { open, statfs, unlink } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { formatUsd } from '../../domain/money'
import { directoryOwner } from '../../ledger/spool/directoryLock'
import { realDisk } from '../../ledger/spool/disk'
import { recoverSegments } from '../../ledger/spool/recover'
import { complaintOf, type DoctorContext, type Finding, failed, ok, warning } from './finding'

/** The disk on which charges wait while the database is unreachable. */
export async function examineSpool({ config, serverRuns }: DoctorContext): Promise<Finding[]> {
  const { enabled, spoolDir: dir, spoolBytesMax } = config.deferral
  if (!enabled) return [ok('deferral is off: while the database is unreachable, charges are refused')]
  if (!existsSync(dir))
    return [await folder(existingAbove(dir), `${dir} is made at the first start`, spoolBytesMax)]
  if (!statSync(dir).isDirectory())
    return [failed(`${dir} is no folder`, 'Set TOLLGATE_SPOOL_DIR or TOLLGATE_DATA_DIR to one.')]
  return [await folder(dir, dir, spoolBytesMax), await owner(dir, serverRuns), ...(await waiting(dir))]
}

async function folder(dir: string, says: string, bytesMax: number): Promise<Finding> {
  try {
    await tryWriting(dir)
    const { bavail, bsize } = await statfs(dir)
    const free = bavail * bsize
    if (free < bytesMax)
      return warning(
        `${says}: ${inMegabytes(free)} are free, and TOLLGATE_SPOOL_MAX_BYTES allows ${inMegabytes(bytesMax)}`,
        'Free space, or lower the limit: charges that do not fit are refused.',
      )
    return ok(`${says}: can be written, ${inMegabytes(free)} are free`)
  } catch (error) {
    return failed(
      `${says}: ${dir} can't be written: ${complaintOf(error)}`,
      'Give the folder to the account that serves, or set TOLLGATE_SPOOL_DIR or TOLLGATE_DATA_DIR to another.',
    )
  }
}

/** Writes a file to the disk and removes it. */
async function tryWriting(dir: string): Promise<void> {
  const path = join(dir, `.doctor-${process.pid}`)
  const file = await open(path, 'wx', 0o600)
  try {
    await file.write('x')
    await file.sync()
  } finally {
    await file.close()
    await unlink(path)
  }
}

async function owner(dir: string, serverRuns: boolean): Promise<Finding> {
  try {
    const found = await directoryOwner(dir)
    if (found === undefined) return ok('no process has it')
    if (serverRuns) return ok(`it belongs to ${found}`)
    return warning(
      `it belongs to ${found}, which runs: another server doesn't start with it`,
      'Fine if that is the server of this configuration; every other server needs its own TOLLGATE_DATA_DIR.',
    )
  } catch (error) {
    return failed(
      `its lock can't be opened: ${complaintOf(error)}`,
      'Run as the account that serves; was it once started as another?',
    )
  }
}

async function waiting(dir: string): Promise<Finding[]> {
  try {
    let [count, amountNanousd] = [0, 0n]
    let oldest: Date | undefined
    const damage: string[] = []
    for await (const segment of recoverSegments(realDisk, dir)) {
      for (const { deferred } of segment.entries) {
        count += 1
        amountNanousd += deferred.rated.amountNanousd
        if (oldest === undefined || deferred.acceptedAt < oldest) oldest = deferred.acceptedAt
      }
      for (const each of segment.damage) damage.push(`${segment.segment.name}: ${each}`)
    }
    const findings: Finding[] = []
    if (damage.length > 0)
      findings.push(
        failed(
          `it is damaged: ${damage.join('; ')}`,
          'Keep a copy of the folder, and see "TollgateSpoolDamaged" in docs/runbooks.md.',
        ),
      )
    if (oldest === undefined) findings.push(ok('nothing waits in it'))
    else
      findings.push(
        warning(
          `${count === 1 ? 'one charge waits' : `${count} charges wait`} in it, ${formatUsd(amountNanousd)}, since ${oldest.toISOString()}`,
          'A server that runs deducts them when the database answers; without one, `tollgate spool drain` does. `tollgate spool list` shows them.',
        ),
      )
    return findings
  } catch (error) {
    return [failed(complaintOf(error), 'Keep the folder as it is until that is done.')]
  }
}

function existingAbove(dir: string): string {
  const parent = dirname(resolve(dir))
  return existsSync(parent) || parent === dirname(parent) ? parent : existingAbove(parent)
}

function inMegabytes(bytes: number): string {
  return `${Math.floor(bytes / 1_000_000).toLocaleString('en')} MB`
}
