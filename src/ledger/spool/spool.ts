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
  /** The limit for all segments together. Above it, no charge is accepted. */
  bytesMax: number
  /** Absent = 4 MiB. */
  segmentBytesMax?: number
  /** The limit for the sum of one user's waiting entries, without the parts that holds cover. */
  userNanousdMax: Nanousd
}

const SEGMENT_BYTES_MAX = 4 << 20
const RETRY_AFTER_MS = 5_000
/**
 * This long after the disk failed, `accepts` is true again, so that the next charge tests the disk.
 */
const DISK_TRUSTED_AGAIN_MS = 10_000

/**
 * Keeps charges that were accepted while the database was unreachable. A charge is durable on this
 * disk before it is answered. It is removed when it has been deducted or listed as a deduction
 * failure. A spool belongs to one process.
 */
export class Spool {
  readonly #settings: SpoolSettings
  readonly #lock: DirectoryLock
  readonly #waiting = new SpoolIndex()
  readonly #segments = new Set<Segment>()
  readonly #writer: SegmentWriter
  /** Charges that are being written to the disk. */
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

  /** @throws SetupError if another process has the folder, or a segment has a later format */
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

  /** Whether it would accept another charge, as far as it knows. */
  get accepts(): boolean {
    const { bytesMax } = this.#settings
    const failedMs = this.#diskFailedAtMs
    return (
      this.bytes < bytesMax &&
      (failedMs === undefined || performance.now() - failedMs > DISK_TRUSTED_AGAIN_MS)
    )
  }

  /**
   * Writes a charge to the disk, and resolves when it is durable. Resolves to false if the charge
   * was already waiting.
   *
   * @throws BillingError OVERLOADED if the spool is full; DATABASE_UNAVAILABLE if its disk fails or
   *   the user has reached the limit of deferred charges; IDEMPOTENCY_KEY_REUSED
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

  /** The entry that waits under a key. */
  find(key: KeyRef): SpoolEntry | undefined {
    return this.#waiting.find(key)
  }

  /** @throws Error if it can no longer be read */
  async read({ place }: SpoolEntry): Promise<DeferredCharge> {
    const { disk, dir } = this.#settings
    return decodeEntry(
      payloadOf(await disk.readAt(join(dir, place.segment.name), place.offset, place.length)),
    )
  }

  due(limit: number, nowMs: number): SpoolEntry[] {
    return this.#waiting.due(limit, nowMs)
  }

  /** Moves an entry behind all others. */
  putLast(waiting: SpoolEntry): void {
    this.#waiting.putLast(waiting)
  }

  /** Removes an entry that was deducted or listed as a deduction failure. */
  async remove(waiting: SpoolEntry): Promise<void> {
    this.#waiting.remove(waiting)
    await this.#writer.release(waiting.place.segment)
    this.#count()
  }

  /** Removes an entry that can no longer be read. Its segment will be kept in quarantine. */
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

  /** Waiting entries stay on the disk for the next process. */
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
