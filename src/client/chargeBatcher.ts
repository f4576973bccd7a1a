import type { BatchChargeUsageResponse__Output } from '../wire/generated/tollgate/billing/v1/BatchChargeUsageResponse'
import type { ChargeUsageRequest } from '../wire/generated/tollgate/billing/v1/ChargeUsageRequest'
import type { ChargeUsageResponse__Output } from '../wire/generated/tollgate/billing/v1/ChargeUsageResponse'
import { errorOfItem } from './errors'

interface Waiting {
  request: ChargeUsageRequest
  timeoutMs: number
  resolve(answer: ChargeUsageResponse__Output): void
  reject(error: unknown): void
}

export interface ChargeCalls {
  one(request: ChargeUsageRequest, timeoutMs: number): Promise<ChargeUsageResponse__Output>
  many(requests: ChargeUsageRequest[], timeoutMs: number): Promise<BatchChargeUsageResponse__Output>
}

// Beyond this the transport costs more than the charges: what comes then travels together.
const CALLS_IN_FLIGHT_MAX = 4
// The contract allows 1,000; a quarter of that fills the server's batches and keeps a frame small.
const BATCH_SIZE_MAX = 256

/**
 * Sends charges in few calls when there are many. The first ones go at once, alone; what comes while `CALLS_IN_FLIGHT_MAX`
 * calls run gathers, and goes with the next that is free. No timer, so nothing waits for a batch to fill.
 */
export class ChargeBatcher {
  readonly #calls: ChargeCalls
  readonly #waiting: Waiting[] = []
  #callsInFlight = 0

  constructor(calls: ChargeCalls) {
    this.#calls = calls
  }

  charge(request: ChargeUsageRequest, timeoutMs: number): Promise<ChargeUsageResponse__Output> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, timeoutMs, resolve, reject })
      this.#send()
    })
  }

  #send(): void {
    while (this.#callsInFlight < CALLS_IN_FLIGHT_MAX && this.#waiting.length > 0) {
      this.#callsInFlight++
      void this.#call(this.#waiting.splice(0, BATCH_SIZE_MAX)).finally(() => {
        this.#callsInFlight--
        this.#send()
      })
    }
  }

  async #call(batch: readonly Waiting[]): Promise<void> {
    try {
      const [only] = batch
      if (only !== undefined && batch.length === 1) {
        only.resolve(await this.#calls.one(only.request, only.timeoutMs))
        return
      }
      const timeoutMs = Math.max(...batch.map((waiting) => waiting.timeoutMs))
      const { results } = await this.#calls.many(
        batch.map(({ request }) => request),
        timeoutMs,
      )
      batch.forEach(({ resolve, reject }, index) => {
        const result = results[index]
        if (result?.response) resolve(result.response)
        else if (result?.error) reject(errorOfItem(result.error))
        else reject(new Error('the batch was answered without this request'))
      })
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }
}
