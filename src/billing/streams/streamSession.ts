import type { HoldRecord, Recorded } from '../../database/holds/holds'
import type { Actor } from '../../domain/ledger/actor'
import type { Hold } from '../../domain/ledger/hold'
import { isHalfGone, type StepContext } from '../../domain/stream/grant'
import type { StepRules } from '../../domain/stream/rules'
import {
  isLive,
  type Progress,
  type Step,
  type StreamEffect,
  type StreamEvent,
  type StreamState,
} from '../../domain/stream/state'
import { step, UNOPENED, unrecordedOf } from '../../domain/stream/step'
import { absorb } from '../../domain/stream/stretchUse'
import type { Billing } from '../billing'
import { amendStream } from './amendStream'
import { openStream, type StreamOpenRequest } from './openStream'
import type { ProgressRecorder } from './recordProgress'
import { refuseClose } from './refuseClose'
import { deferredMessageOf, type StreamMessage, settledMessageOf } from './streamMessages'
import { extendHold, lookUpStream, settleStream } from './streamPostings'

/** The client's side of one connection. */
export interface StreamPort {
  /** A promise if the client must first read what it was sent before. */
  send(message: StreamMessage): Promise<void> | undefined
  /** Called once. Without an error, the call succeeded. */
  end(error?: unknown): void
}

/** What all connections of a process share. */
export interface SessionContext {
  billing: Billing
  recorder: ProgressRecorder
  rules: StepRules
  /** Monotonic. */
  nowMs: () => number
  onOpened: (session: StreamSession, hold: Hold) => void
  onEnded: (session: StreamSession) => void
}

/**
 * One connection's stream: feeds the state machine one event at a time and performs its effects, in order.
 *
 * It is in one of three modes.
 * - Idle: nothing is running. An event is handled at once; most progress has no effect and returns undefined.
 * - Running (`#running` is set): effects of an event are being performed. Further events wait in `#waiting`, in their order.
 *   The promise that `receive` returns is the only back-pressure: the client's reader waits for it.
 * - Ended (`ended`): the connection is over. Answers of the database that arrive later are ignored.
 */
export class StreamSession {
  readonly #context: SessionContext
  readonly #port: StreamPort
  readonly #actor: Actor
  #state: StreamState = UNOPENED
  #openRequest: StreamOpenRequest | undefined
  #waiting: StreamEvent[] = []
  #running: Promise<void> | undefined
  #lastHeardMs: number
  ended = false
  /** The owner of the stream, by which this connection can be found. */
  ownerKey: string | undefined

  constructor(context: SessionContext, port: StreamPort, actor: Actor) {
    this.#context = context
    this.#port = port
    this.#actor = actor
    this.#lastHeardMs = context.nowMs()
  }

  open(request: StreamOpenRequest): Promise<void> | undefined {
    this.#openRequest ??= request
    return this.hear({ type: 'open' })
  }

  /** Reports the usage so far. Undefined if it needed no effect. */
  progress(progress: Progress): Promise<void> | undefined {
    const state = this.#state
    if (this.#running === undefined && isLive(state)) {
      const context = this.#stepContext()
      if (absorb(state, progress, { isRenewalDue: isHalfGone(state, context) })) {
        this.#lastHeardMs = this.#context.nowMs()
        return undefined
      }
    }
    return this.hear({ type: 'progress', progress })
  }

  /** Handles an event from the client. */
  hear(event: StreamEvent): Promise<void> | undefined {
    this.#lastHeardMs = this.#context.nowMs()
    return this.receive(event)
  }

  /** Handles an event. Undefined if it was handled at once, as most progress is. */
  receive(event: StreamEvent): Promise<void> | undefined {
    if (this.#running !== undefined) {
      this.#waiting.push(event)
      return this.#running
    }
    const effects = this.#step(event)
    if (effects.length === 0) return undefined
    this.#running = this.#run(effects)
    return this.#running
  }

  /** Handles timers: progress to record, an unreported expiry, a client that sent nothing. */
  tick(): void {
    if (this.ended) return
    const { billing, nowMs } = this.#context
    const state = this.#state
    if (isLive(state)) {
      const progress = unrecordedOf(state)
      if (progress !== undefined) this.#record({ do: 'record', hold: state.hold, progress, renew: false })
      // A busy stream skips the tick, which would slow a slow database further.
      if (this.#running !== undefined) return
      if (state.owesExtension) void this.receive({ type: 'tick' })
      if (state.hold.expiresAt < billing.ledger.now()) void this.receive({ type: 'overdue' })
    } else if (nowMs() - this.#lastHeardMs > this.#context.rules.validityMs) {
      void this.receive({ type: 'silent' })
    }
  }

  async #run(first: StreamEffect[]): Promise<void> {
    await this.#performAll(first)
    for (let event = this.#waiting.shift(); event !== undefined; event = this.#waiting.shift()) {
      await this.#performAll(this.#step(event))
    }
    // This runs in the same turn as the last check of `#waiting`, so the next event runs at once.
    this.#running = undefined
  }

  /** An event that can't be rated is refused like one that can't be read. The state stays. */
  #step(event: StreamEvent): StreamEffect[] {
    const context = this.#stepContext()
    let next: Step
    try {
      next = step(this.#state, event, context)
    } catch (error) {
      next = step(this.#state, { type: 'failed', error }, context)
    }
    this.#state = next.state
    return next.effects
  }

  #stepContext(): StepContext {
    return { rules: this.#context.rules, now: this.#context.billing.ledger.now() }
  }

  async #performAll(effects: StreamEffect[]): Promise<void> {
    for (const effect of effects) {
      const answer = await this.#perform(effect).catch((error): StreamEvent => ({ type: 'failed', error }))
      if (answer !== undefined) await this.#performAll(this.#step(answer))
    }
  }

  async #perform(effect: StreamEffect): Promise<StreamEvent | undefined> {
    const { billing } = this.#context
    switch (effect.do) {
      case 'open':
        return await this.#open()
      case 'extend':
        return await extendHold(billing, effect, this.#actor)
      case 'settle':
        return await settleStream(billing, effect, this.#actor)
      case 'refuse':
        return await refuseClose(billing, effect, this.#actor)
      case 'amend':
        return await amendStream(billing, effect, this.#actor)
      case 'look up':
        return await lookUpStream(billing, effect).catch(
          (error): StreamEvent => ({ type: 'look-up-failed', error }),
        )
      case 'record':
      case 'detach':
        this.#record(effect)
        return undefined
      case 'send settled':
        // The client has as long to answer this as any other message.
        this.#lastHeardMs = this.#context.nowMs()
        await this.#port.send(await settledMessageOf(billing, effect))
        return undefined
      case 'send deferred':
        await this.#port.send(await deferredMessageOf(billing, effect))
        return undefined
      case 'send grant':
      case 'send ack':
      case 'send drain':
        await this.#port.send(effect)
        return undefined
      case 'end':
        this.#end()
        return undefined
      case 'fail':
        this.#end(effect.error)
        return undefined
    }
  }

  async #open(): Promise<StreamEvent> {
    const { billing, onOpened } = this.#context
    if (this.#openRequest === undefined) throw new Error('a stream was opened without a request')
    try {
      const opened = await openStream(billing, this.#openRequest, this.#actor)
      this.#openRequest = undefined
      if ('deferred' in opened) return { type: 'deferred', ...opened }
      if ('settlement' in opened) return { type: 'settled', ...opened, replayed: true }
      onOpened(this, opened.hold)
      return { type: 'opened', ...opened }
    } catch (error) {
      return { type: 'failed', error }
    }
  }

  #record(effect: Extract<StreamEffect, { do: 'record' | 'detach' }>): void {
    const { recorder } = this.#context
    const { userId, keyId, epoch } = effect.hold
    const renewForMs = effect.do === 'record' && effect.renew ? this.#context.rules.validityMs : 0
    recorder.add(
      { userId, keyId, epoch, progress: effect.progress, renewForMs, detach: effect.do === 'detach' },
      (recorded, record) => this.#onRecorded(recorded, record),
    )
    void recorder.flush()
  }

  #onRecorded(recorded: Recorded | undefined, { progress }: HoldRecord): void {
    if (this.ended) return
    void this.receive(
      recorded === undefined
        ? { type: 'moved' }
        : { type: 'recorded', progress, expiresAt: recorded.expiresAt },
    )
  }

  #end(error?: unknown): void {
    if (this.ended) return
    this.ended = true
    this.#port.end(error)
    this.#context.onEnded(this)
  }
}
