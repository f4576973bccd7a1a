import { join } from 'node:path'
import { log } from '../../observability/log'
import type { Disk } from './disk'

/** One file of the spool. It goes when nothing in it is waited for any more. */
export interface Segment {
  name: string
  bytes: number
  /** Entries in it that wait. */
  waiting: number
  /** Something in it could not be read: then it is kept aside instead of being removed. */
  isDamaged: boolean
}

/** Where an entry's frame is. */
export interface Place {
  segment: Segment
  offset: number
  length: number
}

export const QUARANTINE = 'quarantine'

const NAME = /^(\d{10})\.segment$/

export function segmentName(number: number): string {
  return `${String(number).padStart(10, '0')}.segment`
}

/** Undefined where a file is something else. */
export function segmentNumber(name: string): number | undefined {
  const digits = NAME.exec(name)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

/** An emptied folder numbers its segments from 1 again; what an earlier one of the name holds is still to be looked at. */
function freeName(name: string, taken: readonly string[]): string {
  let free = name
  for (let n = 2; taken.includes(free); n++) free = `${name}.${n}`
  return free
}

/** What can't be removed is drained again at the next start, which changes nothing: its keys have taken effect. */
export async function discard(disk: Disk, dir: string, segment: Segment): Promise<void> {
  const path = join(dir, segment.name)
  try {
    if (!segment.isDamaged) return await disk.remove(path)
    const aside = join(dir, QUARANTINE)
    await disk.makeDir(aside)
    await disk.rename(path, join(aside, freeName(segment.name, await disk.list(aside))))
    await disk.syncDir(aside)
    await disk.syncDir(dir)
    log.error({ segment: segment.name, dir: aside }, 'a damaged segment of the spool is kept aside')
  } catch (error) {
    log.error({ err: error, segment: segment.name }, 'a segment of the spool could not be removed')
  }
}
