import type { RpcMethodMetrics } from '../../observability/metrics'

/** How many of our own calls run: those of health and reflection end with their connection, whenever that is. */
export class CallCount {
  #running = 0
  readonly #waiting = new Set<() => void>()

  /** The same metrics, counted here as well. */
  counting(metrics: RpcMethodMetrics): RpcMethodMetrics {
    return {
      started: () => {
        this.#running += 1
        metrics.started()
      },
      handled: (outcome) => {
        this.#running -= 1
        metrics.handled(outcome)
        if (this.#running > 0) return
        for (const resolve of this.#waiting) resolve()
        this.#waiting.clear()
      },
    }
  }

  idle(): Promise<void> {
    return this.#running === 0 ? Promise.resolve() : new Promise((resolve) => this.#waiting.add(resolve))
  }
}
