import { join } from 'node:path'
import type { DeferredCharge } from '../../domain/ledger/deferred'
import { SetupError } from '../../setupError'
import type { Disk } from './disk'
import { decodeEntry } from './entryCodec'
import { type Frame, type Scan, scanSegment, UnknownFormat } from './frames'
import { type Segment, segmentNumber } from './segment'

export interface RecoveredSegment {
  segment: Segment
  entries: { deferred: DeferredCharge; offset: number; length: number }[]
  /** Stretches that could not be read, for a person. */
  damage: string[]
  /** Of an append that a crash cut off. */
  tornBytes: number
}

/**
 * Reads what an earlier process left, oldest first. Nothing is changed.
 *
 * @throws SetupError where a segment is of a format that this release doesn't know
 */
export async function* recoverSegments(disk: Disk, dir: string): AsyncGenerator<RecoveredSegment> {
  for (const name of await disk.list(dir)) {
    if (segmentNumber(name) === undefined) continue
    const bytes = await disk.read(join(dir, name))
    yield recoverSegment(name, bytes.length, scanned(bytes, join(dir, name)))
  }
}

function recoverSegment(name: string, bytes: number, scan: Scan): RecoveredSegment {
  const damage = scan.damaged.map(({ offset, length }) => `${length} bytes at ${offset}`)
  const entries = scan.frames.flatMap((frame) => {
    const { offset, length } = frame
    const deferred = decoded(frame)
    if (deferred !== undefined) return [{ deferred, offset, length }]
    damage.push(`an entry at ${offset} that is none`)
    return []
  })
  // An append that was cut off was never promised. But damage can look the same, so it is kept.
  const isDamaged = damage.length > 0 || scan.tornBytes > 0
  const segment = { name, bytes, waiting: entries.length, isDamaged }
  return { segment, entries, damage, tornBytes: scan.tornBytes }
}

function scanned(bytes: Buffer, path: string): Scan {
  try {
    return scanSegment(bytes)
  } catch (error) {
    if (!(error instanceof UnknownFormat)) throw error
    throw new SetupError(
      `${path} has format ${error.version} of the spool, which this release cannot read. Deferred charges wait in it: run ` +
        'the release that wrote it until they are deducted.',
    )
  }
}

function decoded({ payload }: Frame): DeferredCharge | undefined {
  try {
    return decodeEntry(payload)
  } catch {
    return undefined
  }
}
