import { status } from '@grpc/grpc-js'
import type { FinalReason__Output } from '../../../../src/wire/generated/tollgate/billing/v1/FinalReason'
import type { StreamGrant__Output } from '../../../../src/wire/generated/tollgate/billing/v1/StreamGrant'
import type { Usage } from '../../../../src/wire/generated/tollgate/billing/v1/Usage'
import { TollgateError } from '../errors'
import type { MeterContext } from './meterContext'
import type { MeterSession } from './meterSession'

/** Why a generation must stop: the reason of a final grant, or what happened to the stream. */
export type StopReason =
  | FinalReason__Output
  /** The caller's signal was aborted, the reader left, or the client shuts down. */
  | 'ABORTED'
  /** No server answers, and no more may be delivered without one. */
  | 'UNREACHABLE'
  /** Settled by expiry, or by an operator. */
  | 'SETTLED'
  /** Another connection has the stream, or the server refused to continue. */
  | 'REFUSED'

// Reports extend the hold, and are cheap for the server because they touch no database. But the
// server reads a limited number per second. A provider that sends everything at once must not fill
// the connection with reports before the close.
const REPORT_INTERVAL_MS = 1_000

/** Passes a generation on as far as it is paid for, and waits for credits beyond that. */
export class Gate {
  readonly #session: MeterSession
  readonly #context: MeterContext
  #reportedAt = 0
  /** The grant for which 80 % was already reported as used. */
  #usedUp: StreamGrant__Output | undefined
  #hasWaited = false

  constructor(session: MeterSession, context: MeterContext) {
    this.#session = session
    this.#context = context
  }

  /**
   * Waits for the first grant. If no server answers, a known user's call may start on trust. It
   * keeps waiting after the end user has left, because the grant must be returned.
   *
   * @throws TollgateError
   */
  async open(userId: string): Promise<void> {
    const { trust, store, counters } = this.#context
    const endsAt = performance.now() + trust.waitMs
    const session = this.#session
    while (session.grant === undefined) {
      if (session.failure !== undefined) {
        trust.refused(userId)
        throw session.failure
      }
      if (session.settled !== undefined) throw usedKey('names a stream that is settled')
      const leftMs = endsAt - performance.now()
      if (leftMs <= 0) {
        trust.unreachable()
        this.#hasWaited = true
        if (!store?.hasRoom() || !trust.take(userId)) throw noServer(session.trouble)
        counters.onTrust++
        return
      }
      await session.change(leftMs)
    }
    if (session.grant.acknowledgedSequence !== '0') throw usedKey('names a stream that has usage on record')
    trust.admitted(userId)
  }

  /** Waits until this usage is paid for. Undefined = continue. */
  async pass(usage: Usage & { outputTokens: number }, signal: AbortSignal): Promise<StopReason | undefined> {
    this.#reportNowAndThen(usage)
    const endsAt = performance.now() + this.#context.trust.waitMs
    for (;;) {
      const verdict = this.#verdict(usage.outputTokens, signal)
      if (verdict !== 'WAIT') return verdict
      const leftMs = endsAt - performance.now()
      if (leftMs <= 0) this.#hasWaited = true
      else await this.#session.change(leftMs, signal)
    }
  }

  #verdict(outputTokens: number, signal: AbortSignal): StopReason | 'WAIT' | undefined {
    const { grant, failure, settled } = this.#session
    if (signal.aborted) return 'ABORTED'
    if (settled !== undefined) return 'SETTLED'
    if (failure !== undefined) return 'REFUSED'
    const grantedTokens = Number(grant?.grantedOutputTokens ?? 0)
    if (outputTokens <= grantedTokens) {
      this.#hasWaited = false
      return undefined
    }
    const reason = grant?.finalReason
    // The provider enforces the requested maximum itself, by its own count.
    if (reason === 'FINAL_REASON_MAX_OUTPUT_TOKENS') return undefined
    if (reason !== undefined && isFinal(grant)) return reason
    if (!this.#hasWaited) return 'WAIT'
    return outputTokens <= grantedTokens + this.#tokensOnTrust() ? undefined : 'UNREACHABLE'
  }

  #tokensOnTrust(): number {
    const { store, trust } = this.#context
    return store?.hasRoom() ? trust.outputTokensMax : 0
  }

  #reportNowAndThen(usage: Usage & { outputTokens: number }): void {
    const now = performance.now()
    const { grant } = this.#session
    const grantedTokens = Number(grant?.grantedOutputTokens ?? 0)
    const isUsedUp = usage.outputTokens >= 0.8 * grantedTokens && grant !== this.#usedUp
    const mustWait = usage.outputTokens > grantedTokens && !this.#hasWaited && !isFinal(grant)
    if (now - this.#reportedAt < REPORT_INTERVAL_MS && !isUsedUp && !mustWait) return
    this.#reportedAt = now
    if (isUsedUp) this.#usedUp = grant
    this.#session.report(usage)
  }
}

function isFinal(grant: StreamGrant__Output | undefined): boolean {
  return grant !== undefined && grant.finalReason !== 'FINAL_REASON_UNSPECIFIED'
}

function noServer(trouble: unknown): TollgateError {
  const why = trouble instanceof Error ? ` (${trouble.message})` : ''
  return new TollgateError(
    status.UNAVAILABLE,
    `no tollgate server accepts the stream: nothing was started${why}`,
    undefined,
    { cause: trouble },
  )
}

function usedKey(what: string): TollgateError {
  return new TollgateError(status.ALREADY_EXISTS, `idempotency_key ${what}: a new generation needs a new key`)
}
