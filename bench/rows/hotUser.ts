import { inRounds, loadOf, type RowGroup, withDatabase } from '../bench'
import { engineNotes, engineRun, errorNotes, rates } from '../engineRun'
import { rowOf } from '../row'
import { withWorkers } from '../worker'

/** All charges to one user: group commit compared with the loop that most people write. */
export const hotUserRows: RowGroup = async (bench) => {
  const { engine, naive } = await inRounds(bench, {
    engine: () => engineRun(bench, { users: { kind: 'one' }, inFlight: 256 }),
    naive: () =>
      withDatabase(bench, ({ connection }) =>
        withWorkers(1, (worker) => worker.do('naiveLoad', { connection, load: loadOf(bench, 64) })),
      ),
  })
  const row = rowOf({
    group: 'hot',
    what: 'charges of one user, 256 in flight',
    unit: '/s',
    values: rates(engine),
    floors: rates(naive),
    floorWhat: 'read, swap, insert, three retries; 64 in flight',
    target: { atLeast: 30 },
    notes: [...engineNotes(engine), ...errorNotes(naive).map((note) => `the loop: ${note}`)],
  })
  const failed = engine.some(({ errors }) => Object.keys(errors).length > 0)
  return [failed ? { ...row, verdict: 'not reached' } : row]
}
