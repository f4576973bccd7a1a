import type { TollgateClient } from '../connect'
import type { UndeliveredStore } from '../store/undeliveredStore'
import { Trust, type WhileDown } from '../trust'

/** What happened so far in this process. */
export interface Counters {
  /** Calls that were started on trust while tollgate was down. */
  onTrust: number
  /** Answers whose provider counted more than a tenth fewer output tokens than words were delivered. */
  undercounted: number
}

/** What charges, holds and metered streams share. */
export interface MeterContext {
  client: Pick<TollgateClient, 'chargeUsage' | 'streamSettle'>
  trust: Trust
  store: UndeliveredStore | undefined
  counters: Counters
  /** Aborted when the client shuts down. */
  closing: AbortSignal
  /** Work that a shutdown waits for. */
  ongoing: Set<Promise<unknown>>
  /** Reports what has no caller to throw to, such as a full disk. */
  onProblem(problem: Error): void
}

export interface ContextSettings {
  store?: UndeliveredStore
  whileDown?: WhileDown
  closing?: AbortSignal
  onProblem?: (problem: Error) => void
}

export function meterContext(
  client: MeterContext['client'],
  { store, whileDown, closing = new AbortController().signal, onProblem }: ContextSettings = {},
): MeterContext {
  return {
    client,
    trust: new Trust(whileDown),
    store,
    counters: { onTrust: 0, undercounted: 0 },
    closing,
    ongoing: new Set(),
    onProblem: onProblem ?? ((problem) => process.emitWarning(problem)),
  }
}

/** Has a shutdown wait for a promise. */
export function tracked<T>({ ongoing }: Pick<MeterContext, 'ongoing'>, promise: Promise<T>): Promise<T> {
  ongoing.add(promise)
  const done = () => ongoing.delete(promise)
  promise.then(done, done)
  return promise
}

/** Keeps an entry before it is sent. A disk that takes nothing is no reason to ask no server. */
export async function isKept(
  { store, onProblem }: Pick<MeterContext, 'store' | 'onProblem'>,
  entry: Parameters<UndeliveredStore['keep']>[0],
): Promise<boolean> {
  if (store === undefined) return false
  try {
    await store.keep(entry)
    return true
  } catch (error) {
    onProblem(error instanceof Error ? error : new Error(String(error)))
    return false
  }
}

/** Removes an entry that was delivered. If that fails, it is delivered again, and charged once all the same. */
export async function forget(
  { store, onProblem }: Pick<MeterContext, 'store' | 'onProblem'>,
  owner: Parameters<UndeliveredStore['forget']>[0],
): Promise<void> {
  await store?.forget(owner).catch(onProblem)
}
