import { performance } from 'node:perf_hooks'
import { setInterval as every, setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { median } from './statistics'

/** How hard and how long a cell is loaded. */
export interface Load {
  inFlight: number
  warmUpMs: number
  durationMs: number
}

/** What a load came to. Rates and latencies are those of calls that were answered between warm-up and end. */
export interface Measured {
  ratePerSecond: number
  latenciesMs: Float64Array
  /** Calls that succeeded in all, warm-up included: what the books must show. */
  succeeded: number
  /** By reason, warm-up included. */
  errors: Record<string, number>
  /** Of this process, for a call. */
  cpuMicrosPerCall: number
  /** Medians over the first and the last quarter of the time: from one collection of garbage to the next it goes up and down by a tenth. */
  rssBytes: { afterWarmUp: number; atEnd: number }
}

const RSS_SAMPLE_MS = 100

/** Keeps `inFlight` calls going; each loop sends its next one when the last was answered. */
export async function underLoad(call: () => Promise<unknown>, load: Load): Promise<Measured> {
  const recorder = new Recorder(load)
  const loop = async () => {
    while (!recorder.isOver()) {
      const sentMs = performance.now()
      try {
        await call()
        recorder.succeeded(sentMs)
      } catch (error) {
        recorder.failed(reasonOf(error))
        // Refused at once, again and again, it would never let anything else run.
        await nextTurn()
      }
    }
  }
  await Promise.all(Array.from({ length: load.inFlight }, loop))
  return recorder.measured()
}

/** Tells warm-up, measurement and end apart, and gathers what happened. */
export class Recorder {
  readonly #startMs: number
  readonly #endMs: number
  readonly #latenciesMs: number[] = []
  readonly #errors: Record<string, number> = {}
  readonly #usage: Promise<Pick<Measured, 'rssBytes'> & { cpuMicros: number }>
  #succeeded = 0

  constructor({ warmUpMs, durationMs }: Pick<Load, 'warmUpMs' | 'durationMs'>) {
    this.#startMs = performance.now() + warmUpMs
    this.#endMs = this.#startMs + durationMs
    this.#usage = usageBetween(warmUpMs, durationMs)
  }

  isOver(): boolean {
    return performance.now() >= this.#endMs
  }

  succeeded(sentMs: number): void {
    const nowMs = performance.now()
    this.#succeeded++
    if (nowMs >= this.#startMs && nowMs < this.#endMs) this.#latenciesMs.push(nowMs - sentMs)
  }

  failed(reason: string): void {
    this.#errors[reason] = (this.#errors[reason] ?? 0) + 1
  }

  /** Once everything that was sent has been answered. */
  async measured(): Promise<Measured> {
    const { cpuMicros, rssBytes } = await this.#usage
    const calls = this.#latenciesMs.length
    return {
      ratePerSecond: calls / ((this.#endMs - this.#startMs) / 1_000),
      latenciesMs: Float64Array.from(this.#latenciesMs),
      succeeded: this.#succeeded,
      errors: this.#errors,
      cpuMicrosPerCall: cpuMicros / calls,
      rssBytes,
    }
  }
}

async function usageBetween(warmUpMs: number, durationMs: number) {
  await sleep(warmUpMs)
  const before = process.cpuUsage()
  const samples = await rssSamples(durationMs)
  const { user, system } = process.cpuUsage(before)
  const quarter = Math.ceil(samples.length / 4)
  return {
    cpuMicros: user + system,
    rssBytes: { afterWarmUp: median(samples.slice(0, quarter)), atEnd: median(samples.slice(-quarter)) },
  }
}

async function rssSamples(durationMs: number): Promise<number[]> {
  const endMs = performance.now() + durationMs
  const samples: number[] = []
  for await (const _ of every(RSS_SAMPLE_MS)) {
    samples.push(process.memoryUsage.rss())
    if (performance.now() >= endMs) break
  }
  return samples
}

function reasonOf(error: unknown): string {
  const { reason, code, message } = error as { reason?: string; code?: string; message?: string }
  return String(reason ?? code ?? message ?? error)
}

/** Several processes that ran at the same time, as one. */
export function together(parts: readonly Measured[]): Measured {
  const sum = (of: (part: Measured) => number) => parts.reduce((total, part) => total + of(part), 0)
  const errors: Record<string, number> = {}
  for (const part of parts) {
    for (const [reason, count] of Object.entries(part.errors)) errors[reason] = (errors[reason] ?? 0) + count
  }
  return {
    ratePerSecond: sum((part) => part.ratePerSecond),
    latenciesMs: Float64Array.from(parts.flatMap(({ latenciesMs }) => [...latenciesMs])),
    succeeded: sum((part) => part.succeeded),
    errors,
    cpuMicrosPerCall: sum((part) => part.cpuMicrosPerCall) / parts.length,
    rssBytes: {
      afterWarmUp: sum((part) => part.rssBytes.afterWarmUp),
      atEnd: sum((part) => part.rssBytes.atEnd),
    },
  }
}
