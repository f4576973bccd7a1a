/** Aborts a controller when a signal is aborted. */
export function abortWith(stop: AbortController, signal: AbortSignal | undefined): void {
  if (signal?.aborted) stop.abort(signal.reason)
  signal?.addEventListener('abort', () => stop.abort(signal.reason), { once: true, signal: stop.signal })
}

/**
 * Iterates a source until the signal is aborted, whether or not the source listens to the signal.
 * It doesn't start the source if the signal is aborted already.
 */
export async function* untilAborted<T>(
  start: () => AsyncIterable<T> | Promise<AsyncIterable<T>>,
  signal: AbortSignal,
): AsyncGenerator<T, void> {
  if (signal.aborted) return
  const source = await orAborted(start(), signal)
  const iterator = source?.[Symbol.asyncIterator]()
  if (iterator === undefined) return
  try {
    while (!signal.aborted) {
      const next = await orAborted(iterator.next(), signal)
      if (next === undefined || next.done) return
      yield next.value
    }
  } finally {
    // This is not awaited, because a source that hangs would delay the settlement.
    void iterator.return?.()?.then(undefined, () => undefined)
  }
}

/** Resolves to undefined when the signal is aborted, whatever happens to the promise. */
export function orAborted<T>(promise: T | Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const aborted = () => resolve(undefined)
    if (signal.aborted) aborted()
    signal.addEventListener('abort', aborted, { once: true })
    Promise.resolve(promise)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', aborted))
  })
}
