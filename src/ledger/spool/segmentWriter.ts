import { join } from 'node:path'
import type { Disk, DiskFile } from './disk'
import { HEADER } from './frames'
import { discard, type Place, type Segment, segmentName } from './segment'

export interface SegmentWriterSettings {
  disk: Disk
  dir: string
  /** A segment that has reached this is followed by another. */
  segmentBytesMax: number
  /** Of the first segment that this writer makes. What was there before is never appended to. */
  firstNumber: number
  onOpened: (segment: Segment) => void
  onDiscarded: (segment: Segment) => void
}

interface Append {
  frame: Buffer
  resolve: (place: Place) => void
  reject: (error: unknown) => void
}

/** Appends frames, as many as have come together with one sync. */
export class SegmentWriter {
  readonly #settings: SegmentWriterSettings
  #number: number
  #queue: Append[] = []
  #running: Promise<void> | undefined
  #open: { segment: Segment; file: DiskFile } | undefined

  constructor(settings: SegmentWriterSettings) {
    this.#settings = settings
    this.#number = settings.firstNumber
  }

  /** Resolves when the frame is durable. After an error it may or may not be on the disk. */
  append(frame: Buffer): Promise<Place> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ frame, resolve, reject })
      this.#running ??= this.#run()
    })
  }

  /** One entry of a segment no longer waits. */
  async release(segment: Segment): Promise<void> {
    segment.waiting -= 1
    if (segment.waiting > 0) return
    // While something is appended to it, it is looked at again after that.
    if (this.#open?.segment === segment && this.#running !== undefined) return
    await this.#discard(segment)
  }

  /** Waits for what is being appended. */
  async close(): Promise<void> {
    while (this.#running !== undefined) await this.#running
    if (this.#open?.segment.waiting === 0) await this.#discard(this.#open.segment)
    await this.#closeFile()
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue
      this.#queue = []
      try {
        await this.#appendAll(batch)
      } catch (error) {
        await this.#abandon()
        for (const { reject } of batch) reject(error)
      }
    }
    this.#running = undefined
    if (this.#open?.segment.waiting === 0) await this.#discard(this.#open.segment)
  }

  async #appendAll(batch: readonly Append[]): Promise<void> {
    const { segment, file } = await this.#openSegment()
    const bytes = Buffer.concat(batch.map(({ frame }) => frame))
    let offset = segment.bytes
    // Counted before it is known: what a failed append leaves takes up room as well.
    segment.bytes += bytes.length
    await file.append(bytes)
    await file.sync()
    segment.waiting += batch.length
    for (const { frame, resolve } of batch) {
      resolve({ segment, offset, length: frame.length })
      offset += frame.length
    }
  }

  async #openSegment(): Promise<{ segment: Segment; file: DiskFile }> {
    const { disk, dir, segmentBytesMax, onOpened } = this.#settings
    if (this.#open !== undefined && this.#open.segment.bytes >= segmentBytesMax) {
      const full = this.#open.segment
      await this.#closeFile()
      if (full.waiting === 0) await this.#discard(full)
    }
    if (this.#open !== undefined) return this.#open
    const name = segmentName(this.#number++)
    const segment: Segment = { name, bytes: HEADER.length, waiting: 0, isDamaged: false }
    const file = await disk.create(join(dir, name))
    this.#open = { segment, file }
    onOpened(segment)
    await file.append(HEADER)
    // A file whose name isn't on the disk is lost with all that is in it.
    await disk.syncDir(dir)
    return this.#open
  }

  /**
   * After a failed append: what is in the file behind what was promised is not known, and after a failed sync it never will
   * be. The next append begins another segment.
   */
  async #abandon(): Promise<void> {
    const segment = this.#open?.segment
    await this.#closeFile()
    if (segment?.waiting === 0) await this.#discard(segment)
  }

  async #discard(segment: Segment): Promise<void> {
    const { disk, dir, onDiscarded } = this.#settings
    if (this.#open?.segment === segment) await this.#closeFile()
    onDiscarded(segment)
    await discard(disk, dir, segment)
  }

  async #closeFile(): Promise<void> {
    const file = this.#open?.file
    this.#open = undefined
    await file?.close().catch(() => undefined)
  }
}
