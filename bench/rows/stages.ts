import { inRounds, type RowGroup, withDatabase } from '../bench'
import type { StageCost } from '../jobs/stages'
import { rowOf } from '../row'
import { median } from '../statistics'
import { withWorkers } from '../worker'

const WHOLE = 'whole'
const PART_OF_ANOTHER = 'of it '

/** What a charge costs in this process, stage by stage: the map of where its time and its garbage come from. */
export const stageRows: RowGroup = async (bench) => {
  const { runs } = await inRounds(bench, {
    runs: () =>
      withDatabase(bench, ({ connection }) =>
        withWorkers(1, (worker) => worker.do('stages', { connection, durationMs: bench.durationMs / 10 })),
      ),
  })
  const names = Object.keys(runs[0] ?? {})
  const microsOf = (name: string) => runs.map((run) => run[name]?.micros ?? Number.NaN)
  const bytesOf = (name: string) => median(runs.map((run) => run[name]?.bytes ?? Number.NaN))
  const row = (what: string, values: number[], bytes: number) =>
    rowOf({
      group: 'stages',
      what,
      unit: 'µs',
      values,
      floors: microsOf(WHOLE),
      floorWhat: 'all stages in a row',
      notes: [`${Math.round(bytes).toLocaleString('en')} bytes allocated`],
    })
  const stageNames = names.filter((name) => name !== WHOLE)
  const summed = stageNames.filter((name) => !name.startsWith(PART_OF_ANOTHER))
  return [
    ...stageNames.map((name) => row(`a charge, without I/O: ${name}`, microsOf(name), bytesOf(name))),
    row(
      'a charge, without I/O: the sum of its stages',
      runs.map((run) => sumOf(run, summed)),
      summed.reduce((sum, name) => sum + bytesOf(name), 0),
    ),
  ]
}

function sumOf(run: Record<string, StageCost>, names: readonly string[]): number {
  return names.reduce((sum, name) => sum + (run[name]?.micros ?? 0), 0)
}
