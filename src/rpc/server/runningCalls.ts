import type { RpcMethodMetrics } from '../../observability/metrics'

/** Counts the running calls of our services. Calls of health and reflection are left out: they end with their connection. */
export class RunningCalls {
  #running = 0
  readonly #waiting = new Set<() => void>()

  /** Wraps a method's metrics so that its calls are counted here too. */
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

  /** Resolves once no call runs. */
  idle(): Promise<void> {
    return this.#running === 0 ? Promise.resolve() : new Promise((resolve) => this.#waiting.add(resolve))
  }
}
