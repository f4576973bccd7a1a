import { type Bench, loadOf, withLedger } from './bench'
import type { EngineMeasured } from './jobs/engineLoad'
import { type Measured, together } from './load'
import { median } from './statistics'
import type { UserChoice } from './users'
import { withWorkers } from './worker'

/** Charges through several engines at once, each in a process of its own, on a fresh ledger. */
export function engineRun(
  bench: Bench,
  { users, inFlight, replicas = 1 }: { users: UserChoice; inFlight: number; replicas?: number },
): Promise<Measured & { parts: EngineMeasured[] }> {
  return withLedger(bench, { name: `engine, ${users.kind}`, entriesPerCall: 1 }, ({ connection }) =>
    withWorkers(replicas, async (...workers) => {
      const load = loadOf(bench, inFlight)
      const parts = await Promise.all(
        workers.map((worker) => worker.do('engineLoad', { connection, users, load })),
      )
      return { ...together(parts), parts }
    }),
  )
}

export function rates(runs: readonly Measured[]): number[] {
  return runs.map(({ ratePerSecond }) => ratePerSecond)
}

export function engineNotes(runs: readonly (Measured & { parts: EngineMeasured[] })[]): string[] {
  const parts = runs.flatMap((run) => run.parts)
  const conflicts = parts.reduce((sum, part) => sum + part.conflicts, 0)
  return [
    `${median(parts.map((part) => part.batchSizeMean)).toFixed(0)} charges a batch`,
    `${median(parts.map((part) => part.cpuMicrosPerCall)).toFixed(0)} µs of Node a charge`,
    ...(conflicts > 0 ? [`${conflicts} conflicts in all`] : []),
    ...errorNotes(runs),
  ]
}

export function errorNotes(runs: readonly Pick<Measured, 'errors'>[]): string[] {
  const counts = new Map<string, number>()
  for (const { errors } of runs) {
    for (const [reason, count] of Object.entries(errors))
      counts.set(reason, (counts.get(reason) ?? 0) + count)
  }
  return [...counts].map(([reason, count]) => `${count} × ${reason}`)
}
