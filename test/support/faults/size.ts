import { randomInt } from 'node:crypto'

/** `npm run test:faults` sets it; otherwise the same scenarios run with fewer faults. */
const isFull = process.env['FAULTS_SIZE'] === 'full'

/** How many of something, in a bounded run and in the full run. */
export function sized({ bounded, full }: { bounded: number; full: number }): number {
  return isFull ? full : bounded
}

/** Determines a scenario's choices, but not the order in which its calls are answered. */
export const SEED = process.env['FAULTS_SEED'] ?? String(randomInt(1_000_000_000))

/** The timeout of one scenario. In the full run, it is many times that of other tests. */
export const SCENARIO_MS_MAX = sized({ bounded: 120_000, full: 900_000 })
