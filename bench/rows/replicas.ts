import { inRounds, type RowGroup } from '../bench'
import { engineNotes, engineRun, rates } from '../engineRun'
import { rowOf } from '../row'
import { quantile } from '../statistics'

const IN_FLIGHT = 256

/** Two processes on the same users, compared with one alone. */
export const replicaRows: RowGroup = async (bench) => {
  const hot = { kind: 'one' } as const
  const zipf = { kind: 'zipf', userCount: bench.userCount } as const
  const { hotAlone, hotTogether, zipfAlone, zipfTogether } = await inRounds(bench, {
    hotAlone: () => engineRun(bench, { users: hot, inFlight: IN_FLIGHT }),
    hotTogether: () => engineRun(bench, { users: hot, inFlight: IN_FLIGHT, replicas: 2 }),
    zipfAlone: () => engineRun(bench, { users: zipf, inFlight: IN_FLIGHT }),
    zipfTogether: () => engineRun(bench, { users: zipf, inFlight: IN_FLIGHT, replicas: 2 }),
  })
  const shared = { group: 'replicas', unit: '/s' as const, floorWhat: 'one replica alone' }
  const latencies = (share: number, runs: typeof hotTogether) =>
    runs.map(({ latenciesMs }) => quantile(latenciesMs, share))
  const starvation = (what: string, runs: typeof hotTogether) =>
    rowOf({
      group: 'replicas',
      what: `${what}: 99 % are answered within`,
      unit: 'ms',
      values: latencies(0.99, runs),
      floors: latencies(0.5, runs),
      floorWhat: 'the median of the same calls',
      target: { atMost: 20 },
    })
  return [
    rowOf({
      ...shared,
      what: 'two replicas, one user',
      values: rates(hotTogether),
      floors: rates(hotAlone),
      target: { atLeast: 0.8 },
      notes: engineNotes(hotTogether),
    }),
    rowOf({
      ...shared,
      what: 'two replicas, zipf over the users',
      values: rates(zipfTogether),
      floors: rates(zipfAlone),
      target: { atLeast: 0.9 },
      notes: engineNotes(zipfTogether),
    }),
    starvation('two replicas, one user', hotTogether),
    starvation('two replicas, zipf', zipfTogether),
  ]
}
