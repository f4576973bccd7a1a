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

// A silent generation (one that thinks, or has not answered yet) sends a heartbeat three times within the validity of its
// last grant, because a report renews the grant only in the second half of its validity.
const HEARTBEAT_MS_MAX = 15_000
// A floor, for clocks of client and server that disagree.
const HEARTBEAT_MS_MIN = 250

// A server that accepts a stream and then hangs: another connection may reach one that answers.
const FIRST_ANSWER_MS_MAX = 10_000

// A connection that ends sooner counts as a failure, also if a server answered: thousands of streams must not open again and
// again at a server that drains or drops them.
const STEADY_AFTER_MS = 1_000

// Well within the time that a generation waits for a server.
const BACKOFF = new ExponentialBackoff({ initialDelay: 100, maxDelay: 1_000 })

/**
 * One stream over as many connections as it takes. It is opened again with the same key whenever a connection ends before
 * its settlement, and the latest report is sent again. Reports are totals, so nothing counts twice.
 */
export class MeterSession {
  readonly #client: Pick<TollgateClient, 'streamSettle'>
  readonly #open: StreamOpen
  #connection: StreamSettleConnection | undefined
  #sequence = 0
  #usage: Usage | undefined
  #close: StreamClose | undefined
  #isCloseSent = false
  readonly #listeners = new Set<() => void>()
  #heartbeat: NodeJS.Timeout | undefined
  #ended = false
  /** The last one. Undefined until the first. */
  grant: StreamGrant__Output | undefined
  /** Since when no server has answered, by `performance.now()`. */
  silentSince: number | undefined = performance.now()
  settled: StreamSettled__Output | undefined
  /** The error of the last connection, if it is transient. */
  trouble: unknown
  /** Why the stream is over: a refusal, or another connection that has taken it. */
  failure: unknown

  constructor(client: Pick<TollgateClient, 'streamSettle'>, open: StreamOpen) {
    this.#client = client
    this.#open = open
    void this.#run()
  }

  report(usage: Usage): void {
    this.#usage = usage
    this.#sendUsage()
  }

  /** The end of the stream: sent on every connection until it is settled, or `abandon` is called. */
  close(close: StreamClose): void {
    this.#close = close
    this.#sendClose()
  }

  /** Releases the connection without settling: the stream may be opened again, or expires. */
  abandon(): void {
    this.#ended = true
    // A settled stream ends by itself. Thousands of resets would have the server drop the connection that streams share.
    if (!this.isOver) this.#connection?.cancel()
    this.#changed()
  }

  /** Settled, and no late close is accepted any more. */
  get isOver(): boolean {
    return this.settled !== undefined && this.settled.amendableUntil === null
  }

  /** Waits for a change, for `timeoutMs`, or until the signal is aborted. */
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
      const beganAt = performance.now()
      let watchdog: NodeJS.Timeout | undefined
      try {
        const connection = this.#client.streamSettle()
        this.#connection = connection
        this.#isCloseSent = false
        connection.open(this.#open)
        watchdog = setTimeout(() => connection.cancel(), FIRST_ANSWER_MS_MAX)
        let isLeft = false
        for await (const { event, grant, settled } of connection.events) {
          clearTimeout(watchdog)
          this.silentSince = undefined
          if (grant) this.#granted(grant, !isAnswered)
          if (settled) this.#settledBy(settled)
          isAnswered = true
          this.#changed()
          // A draining server waits for its streams to leave: cancel and reopen, never half-close.
          if (event === 'drain') connection.cancel()
          isLeft = event === 'drain' || this.#ended
          if (isLeft) break
        }
        // A server that ends the call accepts no late close any more.
        if (!isLeft && this.#isCloseSent && this.settled !== undefined) {
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
      if (isAnswered && performance.now() - beganAt > STEADY_AFTER_MS) backoff = BACKOFF.next()
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
    this.#sendUsage()
    this.#sendClose()
  }

  /** A stream that was settled by expiry can still be closed once, which posts the difference. */
  #settledBy(settled: StreamSettled__Output): void {
    this.settled = settled
    if (settled.amendableUntil === null) this.#ended = true
    else this.#sendClose()
  }

  #beatWithin(grant: StreamGrant__Output): void {
    const validMs = Number(grant.expiresAt?.seconds ?? 0) * 1_000 - Date.now()
    const intervalMs = Math.max(HEARTBEAT_MS_MIN, Math.min(HEARTBEAT_MS_MAX, validMs / 3))
    clearTimeout(this.#heartbeat)
    const beat = () => {
      // Before the provider's first token, nothing is used.
      this.#sendUsage(this.#usage ?? {})
      this.#heartbeat = setTimeout(beat, intervalMs).unref()
    }
    if (!this.#ended) this.#heartbeat = setTimeout(beat, intervalMs).unref()
  }

  #sendUsage(usage = this.#usage): void {
    if (usage === undefined || this.#close !== undefined || this.settled !== undefined) return
    this.#sequence++
    this.#connection?.progress({ sequence: this.#sequence, usage })
  }

  #sendClose(): void {
    if (this.#close === undefined || this.#connection === undefined || this.#isCloseSent) return
    this.#isCloseSent = true
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
