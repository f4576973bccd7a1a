import { BillingError, isTransient } from '../../domain/errors'
import type { DeferredCharge } from '../../domain/ledger/deferred'
import type { KeyRef } from '../../domain/ledger/keyRef'
import { SpoolDrainer } from '../../ledger/spool/drainer'
import type { Deliver } from '../../ledger/spool/drainRound'
import type { Spool } from '../../ledger/spool/spool'
import { metrics } from '../../observability/metrics'
import type { Billing } from '../billing'

/** A charge that waits on the disk. */
export interface Deferred {
  deferred: DeferredCharge
  /** It was waiting there before. */
  replayed: boolean
}

/**
 * The second layer of retry: what the database can't take goes to the disk, and from there to the database when it is back.
 * While it is known to be away, one request at a time finds out whether it still is; the others don't wait for that.
 */
export class Deferral {
  readonly #spool: Spool
  readonly #drainer: SpoolDrainer
  #isAway = false
  #isProbing = false

  constructor(spool: Spool, deliver: Deliver) {
    this.#spool = spool
    this.#drainer = new SpoolDrainer(spool, async (deferred) => {
      const delivered = await deliver(deferred)
      this.#answered()
      return delivered
    })
  }

  /** Begins to deduct what waits. */
  start(): void {
    this.#drainer.start()
  }

  /** Deducts what it can until then, and leaves the rest to the next process. */
  async finish(deadlineMs: number): Promise<void> {
    await this.#drainer.finish(deadlineMs)
    await this.#spool.close()
  }

  /** Whether a charge that the database can't take would be taken here. */
  get accepts(): boolean {
    return this.#spool.accepts
  }

  /**
   * What waits under a key. Until it has been deducted, it is the answer to the same request.
   *
   * @throws BillingError IDEMPOTENCY_KEY_REUSED where it was another request
   */
  async find(
    key: KeyRef & Pick<DeferredCharge, 'requestHash' | 'idempotencyKey'>,
  ): Promise<Deferred | undefined> {
    const deferred = await this.look(key)
    if (deferred === undefined) return undefined
    if (!deferred.requestHash.equals(key.requestHash)) throw keyWaits(key.idempotencyKey)
    return { deferred, replayed: true }
  }

  /** The same, whatever the request was. */
  async look(key: KeyRef): Promise<DeferredCharge | undefined> {
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
    if (this.#isAway && this.#isProbing) return await this.#defer(deferred())
    const isProbe = this.#isAway
    if (isProbe) this.#isProbing = true
    try {
      const posted = await post()
      this.#answered()
      return { posted }
    } catch (error) {
      if (!(error instanceof BillingError)) throw error
      if (!isTransient(error)) this.#answered()
      if (error.reason !== 'DATABASE_UNAVAILABLE') throw error
      this.#isAway = true
      return await this.#defer(deferred())
    } finally {
      if (isProbe) this.#isProbing = false
    }
  }

  async #defer(deferred: DeferredCharge): Promise<Deferred> {
    const isNew = await this.#spool.add(deferred)
    if (!isNew) return { deferred: (await this.look(deferred)) ?? deferred, replayed: true }
    metrics.chargeDeferred()
    this.#drainer.added()
    return { deferred, replayed: false }
  }

  #answered(): void {
    this.#isAway = false
    this.#drainer.databaseAnswers()
  }
}

/** Posts, or defers where that is possible. */
export async function postOrDefer<T>(
  { deferral }: Pick<Billing, 'deferral'>,
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
