import { type Bench, inRounds, loadOf, type RowGroup } from '../bench'
import { checkBooks } from '../books'
import { engineNotes, engineRun, rates } from '../engineRun'
import { createLargeLedger, type LargeLedger } from '../largeLedger'
import { together } from '../load'
import { rowOf } from '../row'
import type { UserChoice } from '../users'
import { withWorkers } from '../worker'

const IN_FLIGHT = 256

/** A ledger that has been in use for a while, against an empty one. */
export const largeRows: RowGroup = async (bench) => {
  const ledger = await createLargeLedger(bench)
  try {
    const few = { kind: 'uniform', userCount: bench.userCount } as const
    const all = { kind: 'uniform', userCount: ledger.userCount } as const
    const { empty, fewOfMany, allOfMany } = await inRounds(bench, {
      empty: () => engineRun(bench, { users: few, inFlight: IN_FLIGHT }),
      fewOfMany: () => largeRun(bench, ledger, few),
      allOfMany: () => largeRun(bench, ledger, all),
    })
    bench.progress.show('checking the books of the large ledger')
    await checkBooks(ledger.database.connection, { name: 'large ledger' })
    const shared = {
      group: 'large',
      unit: '/s' as const,
      floors: rates(empty),
      floorWhat: 'an empty ledger',
      target: { atLeast: 0.8 },
    }
    const memory = fewOfMany.map(({ rssBytes }) => rssBytes)
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
        what: 'resident memory of the engine at the end',
        unit: 'MiB',
        values: memory.map(({ atEnd }) => atEnd / 2 ** 20),
        floors: memory.map(({ afterWarmUp }) => afterWarmUp / 2 ** 20),
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

async function largeRun(bench: Bench, { database: { connection } }: LargeLedger, users: UserChoice) {
  return withWorkers(1, async (worker) => {
    const part = await worker.do('engineLoad', { connection, users, load: loadOf(bench, IN_FLIGHT) })
    return { ...together([part]), parts: [part] }
  })
}
