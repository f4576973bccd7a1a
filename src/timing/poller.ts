import { setTimeout as sleep } from 'node:timers/promises'
import { log } from '../observability/log'

export interface PollerSettings {
  /** For the log. */
  name: string
  /** Work that fails is logged and runs again after the next interval. The signal aborts when the poller stops. */
  work: (signal: AbortSignal) => Promise<unknown> | undefined
  /** From the end of one run to the start of the next, so that slow work never overlaps itself. */
  intervalMs: number | (() => number)
}

/** Runs work again and again, one run at a time. It doesn't keep the process alive. */
export class Poller {
  readonly #settings: PollerSettings
  readonly #stopping = new AbortController()
  #running: Promise<void> | undefined

  constructor(settings: PollerSettings) {
    this.#settings = settings
  }

  /** `firstAfterMs`: the pause before the first run. Absent = an interval. */
  start({ firstAfterMs = this.#intervalMs() }: { firstAfterMs?: number } = {}): void {
    this.#running ??= this.#run(firstAfterMs)
  }

  /** Resolves once the run that is under way has ended. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
  }

  async #run(firstAfterMs: number): Promise<void> {
    const { signal } = this.#stopping
    for (let pauseMs = firstAfterMs; ; pauseMs = this.#intervalMs()) {
      await sleep(pauseMs, undefined, { signal, ref: false }).catch(() => undefined)
      if (signal.aborted) return
      try {
        await this.#settings.work(signal)
      } catch (error) {
        log.error({ err: error, poller: this.#settings.name }, 'background work failed; it runs again')
      }
    }
  }

  #intervalMs(): number {
    const { intervalMs } = this.#settings
    return typeof intervalMs === 'number' ? intervalMs : intervalMs()
  }
}
