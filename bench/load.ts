import { performance } from 'node:perf_hooks'
import { setInterval as every, setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { median } from './statistics'

/** How hard and how long a cell is loaded. */
export interface Load {
  inFlight: number
  warmUpMs: number
  durationMs: number
}

/** The result of a load. Rates and latencies are of calls that were answered between the warm-up and the end. */
export interface Measured {
  ratePerSecond: number
  latenciesMs: Float64Array
  /** Calls that succeeded, warm-up included. The books must show as many. */
  succeeded: number
  /** Failures by reason, warm-up included. */
  errors: Record<string, number>
  /** Processor time of this process for a call. */
  cpuMicrosPerCall: number
  /** Medians over the first and the last quarter of the time, because memory varies by a tenth between collections of garbage. */
  rssBytes: { afterWarmUp: number; atEnd: number }
}

const RSS_SAMPLE_MS = 100

/** Keeps `inFlight` calls in flight; each loop sends its next call when the last one is answered. */
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
        // A loop whose calls are refused at once would otherwise block everything else.
        await nextTurn()
      }
    }
  }
  await Promise.all(Array.from({ length: load.inFlight }, loop))
  return recorder.measured()
}

/** Separates warm-up, measurement and end, and collects the results. */
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

  /** Call it when all calls are answered. */
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

/** The results of several concurrent processes as one result. */
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
