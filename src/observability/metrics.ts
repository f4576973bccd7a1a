import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { LedgerEntry } from '../domain/entry'
import type { PriceSource } from '../domain/price'

/** What `/metrics` shows. */
export const registry = new Registry()

const registers = [registry]

const conflicts = new Counter({
  name: 'tollgate_conflicts_total',
  help: 'Compare-and-swaps of a user that were lost to another writer.',
  registers,
})
const deductionRetryCount = new Counter({
  name: 'credit_deduction_retry_count',
  help: 'Deductions tried again because their compare-and-swap was lost. More than 50 an hour is worth a look.',
  registers,
})
const deductionRetries = new Counter({
  name: 'tollgate_deduction_retries_total',
  help: 'Postings tried again after a conflict or a transient database error.',
  registers,
})
const replays = new Counter({
  name: 'tollgate_replays_total',
  help: 'Requests whose key had taken effect before, answered with the first result.',
  registers,
})
const batches = new Counter({
  name: 'tollgate_batches_total',
  help: 'Group commits written by the ledger.',
  registers,
})
const batchSize = new Histogram({
  name: 'tollgate_batch_size',
  help: 'Ledger entries in one group commit.',
  buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
  registers,
})
const commitSeconds = new Histogram({
  name: 'tollgate_commit_seconds',
  help: 'Time from sending a batch to the database until it is committed.',
  buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
  registers,
})
const queueDepth = new Gauge({
  name: 'tollgate_queue_depth',
  help: 'Postings that wait in a lane for their batch.',
  registers,
})
const charges = new Counter({
  name: 'tollgate_charges_total',
  help: 'Charges by what became of them; reason is set on refusals.',
  labelNames: ['status', 'reason'],
  registers,
})
const chargedNanousd = new Counter({
  name: 'tollgate_charged_nanousd_total',
  help: 'Deducted from users, in nano-USD. The ledger is exact; this is a float.',
  registers,
})
const deductionFailures = new Counter({
  name: 'tollgate_deduction_failures_total',
  help: 'Finished calls that could not be deducted, wholly or in part.',
  labelNames: ['reason'],
  registers,
})
const missedNanousd = new Counter({
  name: 'tollgate_missed_nanousd_total',
  help: 'What those deduction failures come to, in nano-USD, where a price is known.',
  registers,
})
const openStreams = new Gauge({
  name: 'tollgate_open_streams',
  help: 'StreamSettle connections of this process.',
  registers,
})
const priceLookups = new Counter({
  name: 'tollgate_price_lookups_total',
  help: 'Prices found, by source; "none" where there was no price.',
  labelNames: ['source'],
  registers,
})
const priceCache = new Counter({
  name: 'tollgate_price_cache_total',
  help: 'Lookups in the price cache by result.',
  labelNames: ['result'],
  registers,
})
const priceAnomalies = new Counter({
  name: 'tollgate_price_anomalies_total',
  help: 'Ratings outside of the sanity bounds. Above is refused, below is charged.',
  labelNames: ['bound'],
  registers,
})
const suspiciousFree = new Counter({
  name: 'tollgate_suspicious_free_total',
  help: 'Calls of a :free model that no source lists as free; charged at the price without the suffix.',
  registers,
})
const priceChangesHeld = new Counter({
  name: 'tollgate_price_changes_held_total',
  help: 'Price changes held back until a second source or an operator agrees.',
  registers,
})
const priceFeedReads = new Counter({
  name: 'tollgate_price_feed_reads_total',
  help: 'Reads of the live price feed by outcome; after one that failed the last good prices stay.',
  labelNames: ['outcome'],
  registers,
})
const fileReads = new Counter({
  name: 'tollgate_file_reads_total',
  help: 'Tokens and TLS files read, at the start and when they changed, by outcome; "refused" leaves the last good ones in force.',
  labelNames: ['file', 'outcome'],
  registers,
})
const fileInForce = new Gauge({
  name: 'tollgate_file_in_force',
  help: '1 while what the file holds is what is in force, 0 while it is broken and the last good content is used.',
  labelNames: ['file'],
  registers,
})
const certificateExpiry = new Gauge({
  name: 'tollgate_tls_certificate_expiry_timestamp_seconds',
  help: 'When the certificate that is served expires, as a Unix time.',
  registers,
})
const buildInfo = new Gauge({
  name: 'tollgate_build_info',
  help: 'Always 1; the labels say what runs.',
  labelNames: ['version', 'node'],
  registers,
})
const rpcStarted = new Counter({
  name: 'grpc_server_started_total',
  help: 'RPCs started on the server.',
  labelNames: ['grpc_type', 'grpc_service', 'grpc_method'],
  registers,
})
const rpcHandled = new Counter({
  name: 'grpc_server_handled_total',
  help: 'RPCs completed on the server, whatever their status.',
  labelNames: ['grpc_type', 'grpc_service', 'grpc_method', 'grpc_code'],
  registers,
})
const rpcSeconds = new Histogram({
  name: 'grpc_server_handling_seconds',
  help: 'Time from the start of an RPC until its end.',
  labelNames: ['grpc_type', 'grpc_service', 'grpc_method'],
  buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  registers,
})

export type WatchedFileKind = 'tokens' | 'tls'

type PriceLookup = PriceSource | 'none'
const priceSources: PriceLookup[] = ['operator', 'live', 'stored', 'catalog', 'default', 'free', 'none']
for (const source of priceSources) priceLookups.inc({ source }, 0)
for (const result of ['hit', 'stale', 'miss']) priceCache.inc({ result }, 0)
for (const bound of ['above', 'below']) priceAnomalies.inc({ bound }, 0)
for (const status of ['deducted', 'deferred', 'failed']) charges.inc({ status, reason: '' }, 0)
for (const reason of [
  'INSUFFICIENT_CREDITS',
  'MODEL_PRICE_MISSING',
  'PRICE_ANOMALY',
  'DAILY_LIMIT_REACHED',
]) {
  charges.inc({ status: 'refused', reason }, 0)
  deductionFailures.inc({ reason }, 0)
}

const deducted = charges.labels({ status: 'deducted', reason: '' })

/** Everything that is counted, said where it happens. */
export const metrics = {
  /** A user's compare-and-swap was lost; `postings` have to be decided again. */
  casConflict(postings = 1): void {
    conflicts.inc(postings)
    deductionRetryCount.inc(postings)
  },
  deductionRetry(postings = 1): void {
    deductionRetries.inc(postings)
  },
  replay(): void {
    replays.inc()
  },
  postingQueued(): void {
    queueDepth.inc()
  },
  postingsTaken(postings: number): void {
    queueDepth.dec(postings)
  },
  batchCommitted({ size, commitMs }: { size: number; commitMs: number }): void {
    batches.inc()
    batchSize.observe(size)
    commitSeconds.observe(commitMs / 1_000)
  },
  charged({ charge }: Pick<LedgerEntry, 'charge'>): void {
    deducted.inc()
    chargedNanousd.inc(Number(charge?.amountNanousd ?? 0n))
  },
  /** A late close corrected a settlement; what goes back is no deduction. */
  adjusted({ charge }: Pick<LedgerEntry, 'charge'>): void {
    chargedNanousd.inc(Math.max(Number(charge?.amountNanousd ?? 0n), 0))
  },
  chargeDeferred(): void {
    charges.inc({ status: 'deferred', reason: '' })
  },
  /** A deferred charge turned out impossible to deduct. */
  deferredChargeFailed(): void {
    charges.inc({ status: 'failed', reason: '' })
  },
  chargeRefused(reason: string): void {
    charges.inc({ status: 'refused', reason })
  },
  deductionFailure({ reason, missed }: { reason: string; missed: bigint | undefined }): void {
    deductionFailures.inc({ reason })
    missedNanousd.inc(Number(missed ?? 0n))
  },
  streamOpened(): void {
    openStreams.inc()
  },
  streamClosed(): void {
    openStreams.dec()
  },
  priceLookup(source: PriceLookup): void {
    priceLookups.inc({ source })
  },
  priceCache(result: 'hit' | 'stale' | 'miss'): void {
    priceCache.inc({ result })
  },
  priceAnomaly(bound: 'above' | 'below'): void {
    priceAnomalies.inc({ bound })
  },
  suspiciousFree(): void {
    suspiciousFree.inc()
  },
  priceFeedRead(outcome: 'imported' | 'unchanged' | 'failed'): void {
    priceFeedReads.inc({ outcome })
  },
  fileRead(file: WatchedFileKind, outcome: 'used' | 'refused'): void {
    for (const each of ['used', 'refused']) fileReads.inc({ file, outcome: each }, each === outcome ? 1 : 0)
    fileInForce.set({ file }, outcome === 'used' ? 1 : 0)
  },
  certificateExpires(atMs: number): void {
    certificateExpiry.set(Math.floor(atMs / 1_000))
  },
  priceChangeHeld(): void {
    priceChangesHeld.inc()
  },
  /** What one gRPC method counts; made once for each method, so that its series are there from the start. */
  rpcMethod,
  /** Process-wide metrics: for a command that serves, not for every test. */
  processStarted(version: string): void {
    buildInfo.set({ version, node: process.versions.node }, 1)
    collectDefaultMetrics({ register: registry })
    // Gauges with a counter's name, which Prometheus' own checker rejects.
    for (const name of ['handles', 'requests', 'resources'])
      registry.removeSingleMetric(`nodejs_active_${name}_total`)
  },
}

export interface RpcMethodMetrics {
  started(): void
  handled(outcome: { code: string; handlingMs: number }): void
}

export interface RpcMethodName {
  type: 'unary' | 'bidi_stream' | 'client_stream' | 'server_stream'
  /** Full name: `tollgate.billing.v1.BillingService`. */
  service: string
  method: string
}

/** Status names as go-grpc-middleware spells them, which is what dashboards look for. */
const codeNames = [
  ...['OK', 'Canceled', 'Unknown', 'InvalidArgument', 'DeadlineExceeded', 'NotFound', 'AlreadyExists'],
  ...[
    'PermissionDenied',
    'ResourceExhausted',
    'FailedPrecondition',
    'Aborted',
    'OutOfRange',
    'Unimplemented',
  ],
  ...['Internal', 'Unavailable', 'DataLoss', 'Unauthenticated'],
]

function rpcMethod({ type, service, method }: RpcMethodName): RpcMethodMetrics {
  const labels = { grpc_type: type, grpc_service: service, grpc_method: method }
  for (const grpc_code of codeNames) rpcHandled.inc({ ...labels, grpc_code }, 0)
  const started = rpcStarted.labels(labels)
  const seconds = rpcSeconds.labels(labels)
  started.inc(0)
  rpcSeconds.zero(labels)
  return {
    started: () => started.inc(),
    handled({ code, handlingMs }) {
      rpcHandled.inc({ ...labels, grpc_code: code })
      seconds.observe(handlingMs / 1_000)
    },
  }
}
