import { setTimeout as sleep } from 'node:timers/promises'
import { ExponentialBackoff } from 'cockatiel'
import type { StreamClose } from '../../../../src/wire/generated/tollgate/billing/v1/StreamClose'
import type { StreamGrant__Output } from '../../../../src/wire/generated/tollgate/billing/v1/StreamGrant'
import type { StreamOpen } from '../../../../src/wire/generated/tollgate/billing/v1/StreamOpen'
import type { StreamSettled__Output } from '../../../../src/wire/generated/tollgate/billing/v1/StreamSettled'
import type { Usage } from '../../../../src/wire/generated/tollgate/billing/v1/Usage'
import type { TollgateClient } from '../connect'
import { mayBeRetried } from '../retry'
import type { StreamSettleConnection } from '../streamSettle'

// A silent generation (one that thinks, or has not answered yet) says that it lives: three times in what its last grant is
// valid for, so that the second half of it, where a report renews it, is not missed.
const HEARTBEAT_MS_MAX = 15_000
// Where the clocks of client and server disagree by more than that.
const HEARTBEAT_MS_MIN = 250

// A server that accepts a stream and then hangs: another connection may reach one that answers.
const FIRST_ANSWER_MS_MAX = 10_000

// Well within the time that a generation waits for a server.
const BACKOFF = new ExponentialBackoff({ initialDelay: 100, maxDelay: 1_000 })

/**
 * One stream, over as many connections as it takes: it is opened again with the same key whenever a connection ends before
 * its settlement, and what was said last is said again. Nothing here is a difference, so nothing counts twice.
 */
export class MeterSession {
  readonly #client: Pick<TollgateClient, 'streamSettle'>
  readonly #open: StreamOpen
  #connection: StreamSettleConnection | undefined
  #sequence = 0
  #usage: Usage | undefined
  #close: StreamClose | undefined
  #isCloseSaid = false
  readonly #listeners = new Set<() => void>()
  #heartbeat: NodeJS.Timeout | undefined
  #ended = false
  /** The last one. Undefined until the first. */
  grant: StreamGrant__Output | undefined
  /** Since when no server has answered, by `performance.now()`. */
  silentSince: number | undefined = performance.now()
  settled: StreamSettled__Output | undefined
  /** What the last connection ended with, where that may pass. */
  trouble: unknown
  /** Why there will be no more: a refusal, or another connection that has the stream. */
  failure: unknown

  constructor(client: Pick<TollgateClient, 'streamSettle'>, open: StreamOpen) {
    this.#client = client
    this.#open = open
    void this.#run()
  }

  report(usage: Usage): void {
    this.#usage = usage
    this.#sayUsage()
  }

  /** The last word. It is said until it is settled, or `abandon` is called. */
  close(close: StreamClose): void {
    this.#close = close
    this.#sayClose()
  }

  /** Releases the connection without settling: the stream may be opened again, or expires. */
  abandon(): void {
    this.#ended = true
    // What is settled ends by itself. A reset for each would, by the thousand, have the server drop the connection that all
    // streams share.
    if (!this.isOver) this.#connection?.cancel()
    this.#changed()
  }

  /** Settled, with no more to be said. */
  get isOver(): boolean {
    return this.settled !== undefined && this.settled.amendableUntil === null
  }

  /** Waits until something is new, or so long, or until the signal is aborted. */
  change(timeoutMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const goOn = () => {
        clearTimeout(timer)
        this.#listeners.delete(goOn)
        signal?.removeEventListener('abort', goOn)
        resolve()
      }
      const timer = setTimeout(goOn, timeoutMs)
      this.#listeners.add(goOn)
      signal?.addEventListener('abort', goOn)
    })
  }

  async #run(): Promise<void> {
    let backoff = BACKOFF.next()
    while (!this.#ended) {
      let isAnswered = false
      let watchdog: NodeJS.Timeout | undefined
      try {
        const connection = this.#client.streamSettle()
        this.#connection = connection
        this.#isCloseSaid = false
        connection.open(this.#open)
        watchdog = setTimeout(() => connection.cancel(), FIRST_ANSWER_MS_MAX)
        let isLeft = false
        for await (const { event, grant, settled } of connection.events) {
          clearTimeout(watchdog)
          this.silentSince = undefined
          if (!isAnswered) backoff = BACKOFF.next()
          if (grant) this.#granted(grant, !isAnswered)
          if (settled) this.#settledBy(settled)
          isAnswered = true
          this.#changed()
          // The server waits for its streams to leave: without a word, this one would stay there until it is thrown out.
          if (event === 'drain') connection.cancel()
          isLeft = event === 'drain' || this.#ended
          if (isLeft) break
        }
        // A server that ends the call itself takes no late close any more.
        if (!isLeft && this.#isCloseSaid && this.settled !== undefined) {
          this.#settledBy({ ...this.settled, amendableUntil: null })
        }
      } catch (error) {
        // A connection failed; no server has decided anything.
        if (mayBeRetried(error)) this.trouble = error
        else this.#failed(error)
      }
      clearTimeout(watchdog)
      this.#connection = undefined
      if (this.#ended) break
      this.silentSince ??= performance.now()
      await sleep(backoff.duration)
      backoff = backoff.next(undefined)
    }
    clearTimeout(this.#heartbeat)
    this.#changed()
  }

  #granted(grant: StreamGrant__Output, isFirst: boolean): void {
    this.grant = grant
    this.#beatWithin(grant)
    if (!isFirst) return
    this.#sequence = Math.max(this.#sequence, Number(grant.acknowledgedSequence))
    this.#sayUsage()
    this.#sayClose()
  }

  /** What was settled by expiry can still be closed, once, which posts the difference. */
  #settledBy(settled: StreamSettled__Output): void {
    this.settled = settled
    if (settled.amendableUntil === null) this.#ended = true
    else this.#sayClose()
  }

  #beatWithin(grant: StreamGrant__Output): void {
    const validMs = Number(grant.expiresAt?.seconds ?? 0) * 1_000 - Date.now()
    const intervalMs = Math.max(HEARTBEAT_MS_MIN, Math.min(HEARTBEAT_MS_MAX, validMs / 3))
    clearTimeout(this.#heartbeat)
    const beat = () => {
      // Before the provider's first word, nothing is used.
      this.#sayUsage(this.#usage ?? {})
      this.#heartbeat = setTimeout(beat, intervalMs).unref()
    }
    if (!this.#ended) this.#heartbeat = setTimeout(beat, intervalMs).unref()
  }

  #sayUsage(usage = this.#usage): void {
    if (usage === undefined || this.#close !== undefined || this.settled !== undefined) return
    this.#sequence++
    this.#connection?.progress({ sequence: this.#sequence, usage })
  }

  #sayClose(): void {
    if (this.#close === undefined || this.#connection === undefined || this.#isCloseSaid) return
    this.#isCloseSaid = true
    this.#sequence++
    this.#connection.close({ ...this.#close, sequence: this.#sequence })
    this.#connection.end()
  }

  #failed(error: unknown): void {
    this.failure = error
    this.#ended = true
  }

  #changed(): void {
    for (const listener of this.#listeners) listener()
  }
}
