import { join } from 'node:path'
import type { Disk, DiskFile } from './disk'
import { HEADER } from './frames'
import { discard, type Place, type Segment, segmentName } from './segment'

export interface SegmentWriterSettings {
  disk: Disk
  dir: string
  /** After a segment reaches this size, another one begins. */
  segmentBytesMax: number
  /** The number of this writer's first segment. Nothing is appended to earlier segments. */
  firstNumber: number
  onOpened: (segment: Segment) => void
  onDiscarded: (segment: Segment) => void
}

interface Append {
  frame: Buffer
  resolve: (place: Place) => void
  reject: (error: unknown) => void
}

/** Appends frames. All frames that arrived meanwhile share one sync. */
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

  /** Records that one entry of a segment no longer waits. */
  async release(segment: Segment): Promise<void> {
    segment.waiting -= 1
    if (segment.waiting > 0) return
    // A segment that is being appended to is checked again afterwards.
    if (this.#open?.segment === segment && this.#running !== undefined) return
    await this.#discard(segment)
  }

  /** Waits for running appends. */
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
    // Counted before the outcome is known, because what a failed append leaves takes space as well.
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
    // If a file's name isn't on the disk, the file and its content are lost.
    await disk.syncDir(dir)
    return this.#open
  }

  /**
   * After a failed append, the content of the file after its last sync is unknown, and stays unknown after a failed sync. So the
   * next append begins another segment.
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
