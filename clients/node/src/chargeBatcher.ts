import { status } from '@grpc/grpc-js'
import type { BatchChargeUsageResponse__Output } from '../../../src/wire/generated/tollgate/billing/v1/BatchChargeUsageResponse'
import type { ChargeUsageRequest } from '../../../src/wire/generated/tollgate/billing/v1/ChargeUsageRequest'
import type { ChargeUsageResponse__Output } from '../../../src/wire/generated/tollgate/billing/v1/ChargeUsageResponse'
import { errorOfItem, TollgateError } from './errors'

interface PendingCharge {
  request: ChargeUsageRequest
  /** By `performance.now()`. */
  endsAt: number
  /** Its caller no longer waits. */
  isOver: boolean
  resolve(answer: ChargeUsageResponse__Output): void
  reject(error: unknown): void
}

export interface ChargeCalls {
  one(request: ChargeUsageRequest, timeoutMs: number): Promise<ChargeUsageResponse__Output>
  many(requests: ChargeUsageRequest[], timeoutMs: number): Promise<BatchChargeUsageResponse__Output>
}

// Beyond this the transport costs more than the charges, so further ones are sent together.
const CALLS_IN_FLIGHT_MAX = 4
// The contract allows 1,000; a quarter of that fills the server's batches and keeps a frame small.
const BATCH_SIZE_MAX = 256

/**
 * Sends many charges in few calls. The first ones are sent at once and alone. Those that arrive while `CALLS_IN_FLIGHT_MAX`
 * calls run are sent together when one of these ends. Nothing waits for a batch to fill, or longer than its time-out.
 */
export class ChargeBatcher {
  readonly #calls: ChargeCalls
  readonly #waiting: PendingCharge[] = []
  #callsInFlight = 0

  constructor(calls: ChargeCalls) {
    this.#calls = calls
  }

  charge(request: ChargeUsageRequest, timeoutMs: number): Promise<ChargeUsageResponse__Output> {
    return new Promise((resolve, reject) => {
      const settle = (then: () => void) => {
        clearTimeout(timer)
        waiting.isOver = true
        then()
      }
      const waiting: PendingCharge = {
        request,
        endsAt: performance.now() + timeoutMs,
        isOver: false,
        resolve: (answer) => settle(() => resolve(answer)),
        reject: (error) => settle(() => reject(error)),
      }
      const timer = setTimeout(() => waiting.reject(tooLate()), timeoutMs)
      this.#waiting.push(waiting)
      this.#send()
    })
  }

  #send(): void {
    while (this.#callsInFlight < CALLS_IN_FLIGHT_MAX && this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, BATCH_SIZE_MAX).filter(({ isOver }) => !isOver)
      if (batch.length === 0) continue
      this.#callsInFlight++
      void this.#call(batch).finally(() => {
        this.#callsInFlight--
        this.#send()
      })
    }
  }

  async #call(batch: readonly PendingCharge[]): Promise<void> {
    const timeoutMs = Math.max(...batch.map(({ endsAt }) => endsAt)) - performance.now()
    try {
      const [only] = batch
      if (only !== undefined && batch.length === 1) {
        only.resolve(await this.#calls.one(only.request, timeoutMs))
        return
      }
      const { results } = await this.#calls.many(
        batch.map(({ request }) => request),
        timeoutMs,
      )
      batch.forEach(({ resolve, reject }, index) => {
        const result = results[index]
        if (result?.response) resolve(result.response)
        else if (result?.error) reject(errorOfItem(result.error))
        else reject(new TollgateError(status.INTERNAL, 'the batch was answered without this request'))
      })
    } catch (error) {
      if (batch.length > 1 && isAboutContent(error)) await this.#callInHalves(batch)
      else for (const { reject } of batch) reject(error)
    }
  }

  async #callInHalves(batch: readonly PendingCharge[]): Promise<void> {
    const half = Math.ceil(batch.length / 2)
    await this.#call(batch.slice(0, half))
    await this.#call(batch.slice(half))
  }
}

/** Refused for its content: the batch is too large, or one request can't be sent. The others must not fail for that. */
function isAboutContent(error: unknown): boolean {
  return (
    error instanceof TollgateError &&
    (error.code === status.INVALID_ARGUMENT || error.reason === 'MESSAGE_TOO_LARGE')
  )
}

function tooLate(): TollgateError {
  return new TollgateError(status.DEADLINE_EXCEEDED, 'no answer in time; the call may still take effect')
}
