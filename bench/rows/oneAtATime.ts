import { inRounds, loadOf, type RowGroup, withDatabase } from '../bench'
import { engineRun, errorNotes } from '../engineRun'
import type { Measured } from '../load'
import { rowOf } from '../row'
import { quantile } from '../statistics'
import { withWorkers } from '../worker'

/** Without anything to batch: what the engine adds to the time of a statement. */
export const oneAtATimeRows: RowGroup = async (bench) => {
  const users = { kind: 'uniform', userCount: bench.userCount } as const
  const { engine, statement } = await inRounds(bench, {
    engine: () => engineRun(bench, { users, inFlight: 1 }),
    statement: () =>
      withDatabase(bench, ({ connection }) =>
        withWorkers(1, (worker) => worker.do('statementLoad', { connection, users, load: loadOf(bench, 1) })),
      ),
  })
  return [
    rowOf({
      group: 'single',
      what: 'one charge at a time, median latency',
      unit: 'ms',
      values: engine.map(medianMs),
      floors: statement.map(medianMs),
      floorWhat: 'update and insert in one statement, from pg',
      target: { atMost: 1.5 },
      limit:
        'two round trips, since the decision is made between reading and writing, and a wider row; the floor decides in SQL',
      notes: [
        `p99 ${quantile(
          engine.flatMap(({ latenciesMs }) => [...latenciesMs]),
          0.99,
        ).toFixed(2)} ms`,
        ...errorNotes(engine),
      ],
    }),
  ]
}

function medianMs({ latenciesMs }: Measured): number {
  return quantile(latenciesMs, 0.5)
}
