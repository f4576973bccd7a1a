import { appendFileSync } from 'node:fs'
import { SEED } from './size'
import type { Audit } from './testBook'

/** The result of a scenario. */
export interface Figures extends Audit {
  scenario: string
  seed: string
  seconds: number
  /** How often each fault occurred. */
  faults: Readonly<Record<string, number>>
}

/**
 * The last step of a scenario: prints its figures, keeps them for the table of `npm run test:faults`, and expects them to
 * show no loss, no repetition and no drift.
 */
export function conclude(
  scenario: string,
  { startedMs, faults, audit }: { startedMs: number; faults: Readonly<Record<string, number>>; audit: Audit },
): void {
  const seconds = Math.round((performance.now() - startedMs) / 100) / 10
  const figures: Figures = { scenario, seed: SEED, seconds, faults, ...audit }
  const path = process.env['FAULTS_FIGURES']
  if (path !== undefined) appendFileSync(path, `${JSON.stringify(figures)}\n`)
  const struck = Object.entries(faults).map(([name, times]) => `${times} ${name}`)
  const { operations, acknowledged, deferred, refunds, collected, lost, twice, driftNanousd, complaints } =
    audit
  process.stderr.write(
    `${scenario}: ${operations} operations (${acknowledged} answered at once, ${deferred} deferred, ` +
      `${refunds} refunds, ${collected} collected), ${struck.join(', ')}; ` +
      `lost ${lost}, twice ${twice}, drift ${driftNanousd} (seed ${SEED}, ${seconds} s)\n`,
  )
  expect({ lost, twice, driftNanousd, complaints }).toEqual({
    lost: 0,
    twice: 0,
    driftNanousd: '0',
    complaints: [],
  })
}
