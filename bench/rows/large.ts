import { inRounds, loadOf, type RowGroup } from '../bench'
import { checkBooks } from '../books'
import { engineNotes, engineRun, rates } from '../engineRun'
import { createLargeLedger, type LargeLedger } from '../largeLedger'
import { type Load, together } from '../load'
import { rowOf } from '../row'
import type { UserChoice } from '../users'
import { withWorkers } from '../worker'

const IN_FLIGHT = 256
/** Long enough for V8's heap to reach its working size. It charges all users, so that state kept for each would show. */
const MEMORY_LOAD: Load = { inFlight: IN_FLIGHT, warmUpMs: 20_000, durationMs: 40_000 }

/** A ledger that has been in use for a while, compared with an empty one. */
export const largeRows: RowGroup = async (bench) => {
  const ledger = await createLargeLedger(bench)
  try {
    const few = { kind: 'uniform', userCount: bench.userCount } as const
    const all = { kind: 'uniform', userCount: ledger.userCount } as const
    const { empty, fewOfMany, allOfMany } = await inRounds(bench, {
      empty: () => engineRun(bench, { users: few, inFlight: IN_FLIGHT }),
      fewOfMany: () => largeRun(ledger, few, loadOf(bench, IN_FLIGHT)),
      allOfMany: () => largeRun(ledger, all, loadOf(bench, IN_FLIGHT)),
    })
    bench.progress.show('memory over a minute')
    const { rssBytes } = await largeRun(ledger, all, MEMORY_LOAD)
    bench.progress.show('checking the books of the large ledger')
    await checkBooks(ledger.database.connection, { name: 'large ledger' })
    const shared = {
      group: 'large',
      unit: '/s' as const,
      floors: rates(empty),
      floorWhat: 'an empty ledger',
      target: { atLeast: 0.8 },
    }
    const size = `${ledger.entryCount.toLocaleString('en')} entries of ${ledger.userCount.toLocaleString('en')} users`
    return [
      rowOf({
        ...shared,
        what: `charges of ${bench.userCount} users, 256 in flight; ${size}`,
        values: rates(fewOfMany),
        notes: engineNotes(fewOfMany),
      }),
      rowOf({
        ...shared,
        what: 'the same, of all users',
        limit:
          'every charge touches pages that are not in shared_buffers, and after a checkpoint logs them whole',
        values: rates(allOfMany),
        notes: engineNotes(allOfMany),
      }),
      rowOf({
        group: 'large',
        what: `resident memory of the engine, ${MEMORY_LOAD.durationMs / 1_000} s of charges of all users later`,
        unit: 'MiB',
        values: [rssBytes.atEnd / 2 ** 20],
        floors: [rssBytes.afterWarmUp / 2 ** 20],
        floorWhat: 'after warm-up',
        target: { atMost: 1.1 },
      }),
      rowOf({
        group: 'large',
        what: 'disk of an entry, with its key and all indexes',
        unit: 'bytes',
        values: [ledger.bytesPerEntry],
        floors: undefined,
        floorWhat: '',
      }),
    ]
  } finally {
    await ledger.database.drop()
  }
}

async function largeRun({ database: { connection } }: LargeLedger, users: UserChoice, load: Load) {
  return withWorkers(1, async (worker) => {
    const part = await worker.do('engineLoad', { connection, users, load })
    return { ...together([part]), parts: [part] }
  })
}
