import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { BillingError } from '../../domain/errors'
import type { DeferredCharge } from '../../domain/ledger/deferred'
import { type KeyRef, keyRefText } from '../../domain/ledger/keyRef'
import { approximateUsd, type Nanousd } from '../../domain/money'
import { log } from '../../observability/log'
import { metrics } from '../../observability/metrics'
import { reportFatal } from '../../observability/sentry'
import { type DirectoryLock, lockDirectory } from './directoryLock'
import type { Disk } from './disk'
import { decodeEntry, encodeEntry } from './entryCodec'
import { frameOf, payloadOf } from './frames'
import { type RecoveredSegment, recoverSegments } from './recover'
import { type Segment, segmentNumber } from './segment'
import { SegmentWriter } from './segmentWriter'
import { type SpoolEntry, SpoolIndex } from './spoolIndex'

export interface SpoolSettings {
  disk: Disk
  dir: string
  /** Of all segments together. Above it, nothing more is accepted. */
  bytesMax: number
  /** Absent = 4 MiB. */
  segmentBytesMax?: number
  /** What one user's entries that wait may come to, as far as no hold covers them. */
  userNanousdMax: Nanousd
}

const SEGMENT_BYTES_MAX = 4 << 20
const RETRY_AFTER_MS = 5_000
/** After a disk has failed, the next charge is the one to find out whether it still does. */
const DISK_TRUSTED_AGAIN_MS = 10_000

/**
 * Charges that were accepted while the database was unreachable: durable on this disk before anybody is told, and gone from it
 * when each has been deducted or stands in the list of deduction failures. It belongs to one process.
 */
export class Spool {
  readonly #settings: SpoolSettings
  readonly #lock: DirectoryLock
  readonly #waiting = new SpoolIndex()
  readonly #segments = new Set<Segment>()
  readonly #writer: SegmentWriter
  /** What is on its way to the disk. */
  readonly #adding = new Map<string, { requestHash: Buffer; added: Promise<SpoolEntry> }>()
  #addingBytes = 0
  readonly #addingNanousd = new Map<string, Nanousd>()
  #diskFailedAtMs: number | undefined

  private constructor(settings: SpoolSettings, lock: DirectoryLock, recovered: readonly RecoveredSegment[]) {
    this.#settings = settings
    this.#lock = lock
    for (const { segment, entries } of recovered) {
      this.#segments.add(segment)
      for (const { deferred, offset, length } of entries) {
        this.#waiting.add(waitingOf(deferred, { segment, offset, length }))
      }
    }
    const numbers = recovered.map(({ segment }) => segmentNumber(segment.name) ?? 0)
    this.#writer = new SegmentWriter({
      segmentBytesMax: SEGMENT_BYTES_MAX,
      ...settings,
      firstNumber: Math.max(0, ...numbers) + 1,
      onOpened: (segment) => this.#segments.add(segment),
      onDiscarded: (segment) => this.#segments.delete(segment),
    })
    metrics.spoolOpened(this)
    this.#count()
  }

  /** @throws SetupError where another process has the folder, or where a segment is of a later format */
  static async open(settings: SpoolSettings): Promise<Spool> {
    const { disk, dir } = settings
    await disk.makeDir(dir)
    const lock = await lockDirectory(dir)
    try {
      const recovered: RecoveredSegment[] = []
      for await (const segment of recoverSegments(disk, dir)) {
        reportDamage(segment, dir)
        recovered.push(segment)
      }
      const spool = new Spool(settings, lock, recovered)
      await spool.#discardEmpty(recovered)
      return spool
    } catch (error) {
      await lock.release()
      throw error
    }
  }

  get size(): number {
    return this.#waiting.size
  }

  get bytes(): number {
    let bytes = this.#addingBytes
    for (const segment of this.#segments) bytes += segment.bytes
    return bytes
  }

  get oldestAcceptedAt(): Date | undefined {
    return this.#waiting.oldestAcceptedAt
  }

  get nextDueMs(): number | undefined {
    return this.#waiting.nextDueMs
  }

  /** Whether it would take another charge, as far as it knows. */
  get accepts(): boolean {
    const { bytesMax } = this.#settings
    const failedMs = this.#diskFailedAtMs
    return (
      this.bytes < bytesMax &&
      (failedMs === undefined || performance.now() - failedMs > DISK_TRUSTED_AGAIN_MS)
    )
  }

  /**
   * Puts a charge on the disk, and resolves when it lasts: to false where it waits there already.
   *
   * @throws BillingError OVERLOADED where the spool is full; DATABASE_UNAVAILABLE where its disk fails or where the user has
   *   deferred as much as one may; IDEMPOTENCY_KEY_REUSED
   */
  async add(deferred: DeferredCharge): Promise<boolean> {
    const known = this.#waiting.find(deferred) ?? this.#adding.get(keyRefText(deferred))
    if (known !== undefined) {
      if (!known.requestHash.equals(deferred.requestHash)) throw keyReused(deferred)
      if ('added' in known) await known.added
      return false
    }
    const frame = frameOf(encodeEntry(deferred))
    this.#checkRoom(frame.length)
    this.#checkUser(deferred)
    const added = this.#append(deferred, frame)
    this.#adding.set(keyRefText(deferred), { requestHash: deferred.requestHash, added })
    await added
    return true
  }

  /** What waits under a key. */
  find(key: KeyRef): SpoolEntry | undefined {
    return this.#waiting.find(key)
  }

  /** @throws Error where it can't be read any more */
  async read({ place }: SpoolEntry): Promise<DeferredCharge> {
    const { disk, dir } = this.#settings
    return decodeEntry(
      payloadOf(await disk.readAt(join(dir, place.segment.name), place.offset, place.length)),
    )
  }

  due(limit: number, nowMs: number): SpoolEntry[] {
    return this.#waiting.due(limit, nowMs)
  }

  /** Lets the others go first. */
  putLast(waiting: SpoolEntry): void {
    this.#waiting.putLast(waiting)
  }

  /** It has been dealt with. */
  async remove(waiting: SpoolEntry): Promise<void> {
    this.#waiting.remove(waiting)
    await this.#writer.release(waiting.place.segment)
    this.#count()
  }

  /** It can't be read any more: its segment will be kept aside. */
  async setAside(waiting: SpoolEntry, error: unknown): Promise<void> {
    const { segment, offset } = waiting.place
    log.error(
      { err: error, segment: segment.name, offset, user_id: waiting.userId },
      'a deferred charge cannot be read',
    )
    segment.isDamaged = true
    reportDamaged(segment, 1, this.#settings.dir)
    await this.remove(waiting)
  }

  /** What waits stays on the disk for the next process. */
  async close(): Promise<void> {
    await this.#writer.close()
    await this.#lock.release()
  }

  async #append(deferred: DeferredCharge, frame: Buffer): Promise<SpoolEntry> {
    const { userId, uncoveredNanousd } = deferred
    this.#addingBytes += frame.length
    this.#addingNanousd.set(userId, this.#addingOf(userId) + uncoveredNanousd)
    try {
      const place = await this.#writer.append(frame)
      this.#diskFailedAtMs = undefined
      const waiting = waitingOf(deferred, place)
      this.#waiting.add(waiting)
      return waiting
    } catch (error) {
      this.#diskFailedAtMs = performance.now()
      throw diskFailed(error, this.#settings.dir)
    } finally {
      this.#adding.delete(keyRefText(deferred))
      this.#addingBytes -= frame.length
      const left = this.#addingOf(userId) - uncoveredNanousd
      if (left === 0n) this.#addingNanousd.delete(userId)
      else this.#addingNanousd.set(userId, left)
      this.#count()
    }
  }

  #checkRoom(bytes: number): void {
    if (this.bytes + bytes <= this.#settings.bytesMax) return
    metrics.spoolRefused('full')
    throw new BillingError(
      'OVERLOADED',
      'the database cannot be reached, and as many charges as fit on this disk wait for it; send the same request again later',
      { retryAfterMs: RETRY_AFTER_MS },
    )
  }

  #checkUser({ userId, uncoveredNanousd }: DeferredCharge): void {
    const { userNanousdMax } = this.#settings
    const sum = this.#waiting.uncoveredOf(userId) + this.#addingOf(userId) + uncoveredNanousd
    if (uncoveredNanousd === 0n || sum <= userNanousdMax) return
    metrics.spoolRefused('user')
    throw new BillingError(
      'DATABASE_UNAVAILABLE',
      `the database cannot be reached, and this user has deferred as much as one may (${approximateUsd(userNanousdMax)}); ` +
        'send the same request again under the same key',
      { retryAfterMs: RETRY_AFTER_MS, metadata: { user_id: userId } },
    )
  }

  #addingOf(userId: string): Nanousd {
    return this.#addingNanousd.get(userId) ?? 0n
  }

  async #discardEmpty(recovered: readonly RecoveredSegment[]): Promise<void> {
    for (const { segment } of recovered) {
      if (segment.waiting > 0) continue
      segment.waiting = 1
      await this.#writer.release(segment)
    }
    this.#count()
  }

  #count(): void {
    metrics.spoolHolds({ entries: this.size, bytes: this.bytes })
  }
}

function waitingOf(deferred: DeferredCharge, place: SpoolEntry['place']): SpoolEntry {
  const { userId, keyId, requestHash, acceptedAt, uncoveredNanousd } = deferred
  return { userId, keyId, requestHash, acceptedAt, uncoveredNanousd, place, attempts: 0, notBeforeMs: 0 }
}

function reportDamage({ segment, damage, tornBytes }: RecoveredSegment, dir: string): void {
  if (tornBytes > 0) {
    log.warn({ segment: segment.name, bytes: tornBytes }, 'the spool ends in an append that was cut off')
  }
  if (damage.length === 0) return
  log.error(
    { segment: segment.name, damage },
    'a segment of the spool is damaged; what can be read of it is used',
  )
  reportDamaged(segment, damage.length, dir)
}

function reportDamaged({ name }: Segment, stretches: number, dir: string): void {
  metrics.spoolDamaged(stretches)
  reportFatal('SPOOL_DAMAGED', {
    subject: name,
    message: `deferred charges in ${join(dir, name)} cannot be read; the file will be kept in the folder quarantine beside it`,
  })
}

function diskFailed(error: unknown, dir: string): BillingError {
  metrics.spoolRefused('disk')
  log.error({ err: error }, 'a charge could not be deferred')
  const code = (error as NodeJS.ErrnoException).code ?? 'an error'
  reportFatal('SPOOL_DISK_FAILED', {
    message: `the database is unreachable, and charges cannot be kept in ${dir} (${code}): they are refused`,
    error,
  })
  return new BillingError(
    'DATABASE_UNAVAILABLE',
    'the database cannot be reached, and the charge could not be kept on disk; send the same request again under the same key',
    { retryAfterMs: RETRY_AFTER_MS, cause: error },
  )
}

function keyReused({ idempotencyKey }: DeferredCharge): BillingError {
  return new BillingError(
    'IDEMPOTENCY_KEY_REUSED',
    `idempotency_key ${JSON.stringify(idempotencyKey)} waits to be deducted for a different request; send the same request again, or a new key`,
    { field: 'idempotency_key' },
  )
}
