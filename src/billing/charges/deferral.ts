import { BillingError, isTransient } from '../../domain/errors'
import type { DeferredCharge } from '../../domain/ledger/deferred'
import type { KeyedRequest, KeyRef } from '../../domain/ledger/keyRef'
import { SpoolDrainer } from '../../ledger/spool/drainer'
import type { Deliver } from '../../ledger/spool/drainRound'
import type { Spool } from '../../ledger/spool/spool'
import { metrics } from '../../observability/metrics'

/** A charge that waits on the disk. */
export interface Deferred {
  deferred: DeferredCharge
  /** It was deferred by an earlier request. */
  replayed: boolean
}

/**
 * The second layer of retry: charges go to the disk while the database is unreachable, and to the database when it is back.
 * While it is known to be unreachable, one request at a time probes it; the others are deferred without waiting.
 */
export class Deferral {
  readonly #spool: Spool
  readonly #drainer: SpoolDrainer
  #isUnreachable = false
  #isProbing = false

  constructor(spool: Spool, deliver: Deliver) {
    this.#spool = spool
    this.#drainer = new SpoolDrainer(spool, async (deferred) => {
      const delivered = await deliver(deferred)
      this.#answered()
      return delivered
    })
  }

  /** Starts deducting what waits. */
  start(): void {
    this.#drainer.start()
  }

  /** Deducts what it can until the deadline, and leaves the rest to the next process. */
  async finish(deadlineMs: number): Promise<void> {
    await this.#drainer.finish(deadlineMs)
    await this.#spool.close()
  }

  /** Whether a charge would be deferred now if the database were unreachable. */
  get accepts(): boolean {
    return this.#spool.accepts
  }

  /**
   * The deferred charge of the same request, which is its answer until it has been deducted.
   *
   * @throws BillingError IDEMPOTENCY_KEY_REUSED where another request waits under the key
   */
  async findReplay(key: KeyedRequest): Promise<Deferred | undefined> {
    const deferred = await this.peek(key)
    if (deferred === undefined) return undefined
    if (!deferred.requestHash.equals(key.requestHash)) throw keyWaits(key.idempotencyKey)
    return { deferred, replayed: true }
  }

  /** What waits under a key, whatever its request. */
  async peek(key: KeyRef): Promise<DeferredCharge | undefined> {
    if (this.#spool.size === 0) return undefined
    const waiting = this.#spool.find(key)
    if (waiting === undefined) return undefined
    try {
      return await this.#spool.read(waiting)
    } catch (error) {
      // It was deducted while it was read.
      if (this.#spool.find(key) !== waiting) return undefined
      throw error
    }
  }

  /** @throws BillingError as `post` and the spool have it */
  async postOrDefer<T>(
    post: () => Promise<T>,
    deferred: () => DeferredCharge,
  ): Promise<{ posted: T } | Deferred> {
    if (this.#isUnreachable && this.#isProbing) return await this.#defer(deferred())
    const isProbe = this.#isUnreachable
    if (isProbe) this.#isProbing = true
    try {
      const posted = await post()
      this.#answered()
      return { posted }
    } catch (error) {
      if (!(error instanceof BillingError)) throw error
      if (!isTransient(error)) this.#answered()
      if (error.reason !== 'DATABASE_UNAVAILABLE') throw error
      this.#isUnreachable = true
      return await this.#defer(deferred())
    } finally {
      if (isProbe) this.#isProbing = false
    }
  }

  async #defer(deferred: DeferredCharge): Promise<Deferred> {
    const isNew = await this.#spool.add(deferred)
    if (!isNew) return { deferred: (await this.peek(deferred)) ?? deferred, replayed: true }
    metrics.chargeDeferred()
    this.#drainer.added()
    return { deferred, replayed: false }
  }

  #answered(): void {
    this.#isUnreachable = false
    this.#drainer.databaseAnswers()
  }
}

/** Posts, or defers where that is possible. */
export async function postOrDefer<T>(
  deferral: Deferral | undefined,
  post: () => Promise<T>,
  deferred: () => DeferredCharge,
): Promise<{ posted: T } | Deferred> {
  if (deferral === undefined) return { posted: await post() }
  return await deferral.postOrDefer(post, deferred)
}

function keyWaits(idempotencyKey: string): BillingError {
  return new BillingError(
    'IDEMPOTENCY_KEY_REUSED',
    `idempotency_key ${JSON.stringify(idempotencyKey)} waits to be deducted for a different request; send the same request again, or a new key`,
    { field: 'idempotency_key' },
  )
}
