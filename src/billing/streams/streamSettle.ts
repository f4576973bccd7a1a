import { performance } from 'node:perf_hooks'
import { BillingError } from '../../domain/errors'
import type { Actor } from '../../domain/ledger/actor'
import type { Hold } from '../../domain/ledger/hold'
import { type KeyRef, keyRefText } from '../../domain/ledger/keyRef'
import { shuttingDown } from '../../domain/stream/refusals'
import type { StreamRules } from '../../domain/stream/rules'
import { metrics } from '../../observability/metrics'
import { Poller } from '../../timing/poller'
import type { Billing } from '../billing'
import { ProgressRecorder } from './recordProgress'
import { type SessionContext, type StreamPort, StreamSession } from './streamSession'
import { HoldSweeper } from './sweepHolds'

/** The streams of this process: who is connected, what they share, and how they end together. */
export class Streams {
  readonly #billing: Billing
  readonly #recorder: ProgressRecorder
  readonly #sweeper: HoldSweeper
  readonly #context: SessionContext
  readonly #sessions = new Set<StreamSession>()
  readonly #owners = new Map<string, { session: StreamSession; epoch: number }>()
  readonly #ticks: Poller
  #draining = false
  #stopListening: () => void = () => undefined
  #onEmpty: (() => void) | undefined

  constructor(billing: Billing) {
    this.#billing = billing
    this.#sweeper = new HoldSweeper(billing, nowMs)
    this.#recorder = new ProgressRecorder(billing.database, {
      onUnreachable: () => this.#sweeper.databaseWasUnreachable(),
    })
    this.#ticks = new Poller({
      name: 'ticks of streams',
      work: () => {
        for (const session of this.#sessions) session.tick()
        // Not awaited: while the database is slow, sessions still notice expiry and silence.
        void this.#recorder.flush()
        return undefined
      },
      intervalMs: billing.streams.recordIntervalMs,
    })
    this.#context = {
      billing,
      recorder: this.#recorder,
      rules: { ...billing.streams, chargeNanousdMax: billing.limits.chargeNanousdMax },
      nowMs,
      onOpened: (session, hold) => this.#own(session, hold),
      onEnded: (session) => this.#end(session),
    }
  }

  get rules(): StreamRules {
    return this.#billing.streams
  }

  /** Begins to record progress and to look for expired holds. */
  start(): void {
    this.#sweeper.start()
    this.#stopListening = this.#billing.streamEnds.listen((hold) => {
      void this.#owners.get(keyRefText(hold))?.session.receive({ type: 'moved' })
    })
    this.#ticks.start()
  }

  /**
   * A new connection, and whose it is.
   *
   * @throws BillingError TOO_MANY_STREAMS, SHUTTING_DOWN
   */
  connect(port: StreamPort, actor: Actor): StreamSession {
    if (this.#draining) throw shuttingDown()
    if (this.#sessions.size >= this.#billing.streams.streamsMax) throw tooManyStreams()
    const session = new StreamSession(this.#context, port, actor)
    this.#sessions.add(session)
    metrics.streamOpened()
    return session
  }

  /**
   * Tells every stream to move, gives them a bounded time for it, and leaves the rest to be resumed elsewhere or to
   * expire. Before the ledger is drained, while the server still serves the calls that it has.
   */
  async drain(): Promise<void> {
    this.#draining = true
    for (const session of this.#sessions) void session.receive({ type: 'drain' })
    await this.#emptied(this.#billing.streams.drainMs)
    for (const session of this.#sessions) {
      void session.receive({ type: 'stop' })
      // A busy stream handles the drain too late for the last recording, so its progress is recorded now.
      session.tick()
    }
    await this.#ticks.stop()
    this.#stopListening()
    await this.#recorder.flush()
    await this.#sweeper.stop()
  }

  /** A stream has one connection. An older one here ends at once; elsewhere, at its next write. */
  #own(session: StreamSession, hold: KeyRef & Pick<Hold, 'epoch'>): void {
    const key = keyRefText(hold)
    session.ownerKey = key
    const other = this.#owners.get(key)
    // Two connections that took it over at once may arrive here in either order.
    if (other === undefined || other.epoch < hold.epoch) {
      this.#owners.set(key, { session, epoch: hold.epoch })
      void other?.session.receive({ type: 'moved' })
    } else {
      void session.receive({ type: 'moved' })
    }
  }

  #end(session: StreamSession): void {
    if (!this.#sessions.delete(session)) return
    const { ownerKey } = session
    if (ownerKey !== undefined && this.#owners.get(ownerKey)?.session === session)
      this.#owners.delete(ownerKey)
    metrics.streamClosed()
    if (this.#sessions.size === 0) this.#onEmpty?.()
  }

  #emptied(timeoutMs: number): Promise<void> {
    if (this.#sessions.size === 0) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs)
      this.#onEmpty = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}

function nowMs(): number {
  return performance.now()
}

function tooManyStreams(): BillingError {
  return new BillingError(
    'TOO_MANY_STREAMS',
    'this server has as many streams as it takes; open it on another, or later',
    { retryAfterMs: 1_000 },
  )
}
