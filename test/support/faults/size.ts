import { randomInt } from 'node:crypto'

/** `npm run test:faults` sets it; in `npm test`, the same scenarios run with fewer faults. */
const isFull = process.env['FAULTS_SIZE'] === 'full'

/** How many of something, in the run that is part of `npm test`, and in the full one. */
export function sized({ bounded, full }: { bounded: number; full: number }): number {
  return isFull ? full : bounded
}

/** What a scenario's choices follow from; the order in which its calls are answered doesn't. */
export const SEED = process.env['FAULTS_SEED'] ?? String(randomInt(1_000_000_000))

/** Of one scenario: in the full run, many times what is usual for a test. */
export const SCENARIO_MS_MAX = sized({ bounded: 120_000, full: 900_000 })
