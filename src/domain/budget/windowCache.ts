import { type BudgetWindow, type WindowSpan, windowAt } from './window'

const DEFINITIONS_MAX = 1_000

/** Remembers the last window of each definition, because nearly every charge asks for it again. */
export class WindowCache {
  readonly #last = new Map<string, { fromMs: number; toMs: number; span: WindowSpan }>()

  /** What `windowAt` returns. The dates are shared: nobody changes them. */
  at(window: BudgetWindow, instant: Date): WindowSpan {
    const { period, timeZone, weekStartsOn, monthStartsOn } = window
    const key = `${period} ${weekStartsOn} ${monthStartsOn} ${timeZone}`
    const atMs = instant.getTime()
    const last = this.#last.get(key)
    if (last !== undefined && last.fromMs <= atMs && atMs < last.toMs) return last.span
    const span = windowAt(window, instant)
    if (this.#last.size >= DEFINITIONS_MAX) this.#last.clear()
    this.#last.set(key, {
      fromMs: span.from.getTime(),
      toMs: span.to?.getTime() ?? Number.POSITIVE_INFINITY,
      span,
    })
    return span
  }
}
