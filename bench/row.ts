import { median } from './statistics'

/** A row of the table: one of our figures compared with a floor that was measured in the same run. */
export interface Row {
  group: string
  what: string
  unit: '/s' | 'ms' | 'µs' | 'bytes' | 'MiB' | '×'
  value?: number
  floor?: number
  floorWhat: string
  /** Value divided by floor: the median of the rounds' ratios. */
  ratio?: number
  target?: { atLeast: number } | { atMost: number }
  verdict: 'reached' | 'not reached' | 'n/a' | 'for information'
  notes: string[]
}

/** One figure of each round. */
export type Figures = readonly number[]

export interface Comparison extends Pick<Row, 'group' | 'what' | 'unit' | 'floorWhat'> {
  values: Figures
  floors: Figures | undefined
  target?: Row['target']
  notes?: string[]
  /** What limits the figure; shown if the target is not reached. */
  limit?: string
}

/** If the floor could not be measured, the figure is shown without it. */
export function rowOf({ values, floors, target, notes = [], limit, ...row }: Comparison): Row {
  const shown = { ...row, value: median(values), notes, ...(target !== undefined && { target }) }
  if (floors === undefined || floors.length === 0)
    return { ...shown, verdict: target === undefined ? 'for information' : 'n/a' }
  const ratio = median(values.map((value, round) => value / (floors[round] ?? Number.NaN)))
  const verdict = verdictOf(ratio, target)
  const explained = verdict === 'not reached' && limit !== undefined ? [...notes, `limit: ${limit}`] : notes
  return { ...shown, floor: median(floors), ratio, verdict, notes: explained }
}

function verdictOf(ratio: number, target: Row['target']): Row['verdict'] {
  if (Number.isNaN(ratio)) return 'n/a'
  if (target === undefined) return 'for information'
  const reached = 'atLeast' in target ? ratio >= target.atLeast : ratio <= target.atMost
  return reached ? 'reached' : 'not reached'
}
