import { budgetMetrics } from './metrics/budgets'
import { chargeMetrics } from './metrics/charges'
import { fileMetrics } from './metrics/files'
import { ledgerMetrics } from './metrics/ledger'
import { openItemMetrics } from './metrics/openItems'
import { priceMetrics } from './metrics/prices'
import { processMetrics } from './metrics/process'
import { reconciliationMetrics } from './metrics/reconcile'
import { rpcMethod } from './metrics/rpc'
import { spoolMetrics } from './metrics/spool'
import { streamMetrics } from './metrics/streams'

export { registry } from './instruments'
export type { WatchedFileKind } from './metrics/files'
export type { RpcMethodMetrics } from './metrics/rpc'

/** Everything that is counted, by functions that are called where it happens. `docs/metrics.md` lists the metrics. */
export const metrics = {
  ...ledgerMetrics,
  ...chargeMetrics,
  ...budgetMetrics,
  ...streamMetrics,
  ...spoolMetrics,
  ...priceMetrics,
  ...openItemMetrics,
  ...reconciliationMetrics,
  ...fileMetrics,
  rpcMethod,
  ...processMetrics,
}
