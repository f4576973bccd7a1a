import { setTimeout as sleep } from 'node:timers/promises'

/** How long a piece of long work may keep the event loop to itself. A charge takes a handful of turns of it. */
const SLICE_MS = 1
const REST_MS_MAX = 100

/**
 * Divides long work on many rows, so that charges get their turns meanwhile: the event loop serves others after each
 * slice, and after each read of rows the work rests for as long as it took.
 */
export class Slices {
  #sliceMs = performance.now()
  #restedMs = performance.now()

  /** Whether the slice is used up, so that {@link next} is due. */
  get isOver(): boolean {
    return performance.now() - this.#sliceMs >= SLICE_MS
  }

  /** Gives others a turn of the event loop, and begins a slice. */
  async next(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    this.#sliceMs = performance.now()
  }

  /** Rests for as long as the work since the last rest took, waiting for the database included. */
  async rest(): Promise<void> {
    const tookMs = performance.now() - this.#restedMs
    await sleep(Math.min(tookMs, REST_MS_MAX))
    this.#sliceMs = performance.now()
    this.#restedMs = this.#sliceMs
  }
}

/** Maps in slices, in order. */
export async function mapInSlices<Item, Result>(
  items: readonly Item[],
  map: (item: Item, index: number) => Result | Promise<Result>,
): Promise<Result[]> {
  const slices = new Slices()
  const results: Result[] = []
  for (const [index, item] of items.entries()) {
    results.push(await map(item, index))
    if (slices.isOver) await slices.next()
  }
  return results
}
