import { readLastRuns } from '../../database/lastRuns'
import { readOpenItems } from '../../database/openItems'
import { schemaMisfit } from '../../database/schemaVersion'
import { formatUsd } from '../../domain/money'
import { type DoctorContext, type Finding, ok, warning } from './finding'

/** What needs an operator. */
export async function examineBooks({ config, database }: DoctorContext): Promise<Finding[]> {
  if (database === undefined || (await schemaMisfit(database)) !== undefined) return []
  const { pendingFailures, pendingFailuresNanousd, heldBackPriceChanges } = await readOpenItems(database)
  return [
    pendingFailures === 0
      ? ok('no deduction failure waits')
      : warning(
          `${pendingFailures === 1 ? 'one deduction failure waits' : `${pendingFailures} deduction failures wait`}, ${formatUsd(pendingFailuresNanousd)}`,
          '`tollgate failures list` shows them; then retry them, or write them off.',
        ),
    heldBackPriceChanges === 0
      ? ok('no price change is held back')
      : warning(
          `${heldBackPriceChanges === 1 ? 'one price change is' : `${heldBackPriceChanges} price changes are`} held back; the old prices stay in force`,
          '`tollgate prices changes --state held-back` shows them; then approve or reject each.',
        ),
    await proof(database, config.reconcile.intervalMs),
  ]
}

async function proof(database: NonNullable<DoctorContext['database']>, intervalMs: number): Promise<Finding> {
  const { provedAt } = await readLastRuns(database)
  if (provedAt === undefined)
    return ok('the books have not been proved yet: a server does, or `tollgate reconcile`')
  const says = `the books were last gone through at ${provedAt.toISOString()}`
  if (intervalMs === 0 || Date.now() - provedAt.getTime() < 3 * intervalMs + DAY_MS) return ok(says)
  return warning(says, 'Does a server run? `tollgate reconcile` proves them now.')
}

const DAY_MS = 86_400_000
