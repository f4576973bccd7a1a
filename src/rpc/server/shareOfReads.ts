import { setTimeout as sleep } from 'node:timers/promises'
import { Semaphore } from 'async-mutex'
import type { MethodName } from './scopes'

/*
 * Reads of many rows share what charges leave of the event loop and the database: few run at once, they work in slices
 * (`timing/slices.ts`), and after each one its kind rests for as long as it took. Twenty simultaneous calls of Reconcile
 * took the median of a charge from 9 to 564 ms.
 */

const KINDS = {
  proofs: new Semaphore(1),
  lists: new Semaphore(1),
}

const KIND_BY_METHOD: Partial<Record<MethodName, keyof typeof KINDS>> = {
  Reconcile: 'proofs',
  ReconcileHeads: 'proofs',
  ListLedgerHeads: 'proofs',
  ListLedgerEntries: 'lists',
  ListUsers: 'lists',
  ListHolds: 'lists',
  ListPrices: 'lists',
  ListPriceChanges: 'lists',
  ListDeductionFailures: 'lists',
}

const REST_MS_MAX = 100

/** Runs the work of a method when its kind has a turn; at once where it has no kind. */
export async function inTurn<T>(method: MethodName, work: () => Promise<T>): Promise<T> {
  const kind = KIND_BY_METHOD[method]
  if (kind === undefined) return work()
  const [, release] = await KINDS[kind].acquire()
  const startedMs = performance.now()
  try {
    return await work()
  } finally {
    const tookMs = performance.now() - startedMs
    if (tookMs > 1) void sleep(Math.min(tookMs, REST_MS_MAX), undefined, { ref: false }).then(release)
    else release()
  }
}
