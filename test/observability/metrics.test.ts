import type { ChargeDetail } from '../../src/domain/ledger/charge'
import { metrics, registry } from '../../src/observability/metrics'
import { MODEL_LABELS_MAX } from '../../src/observability/metrics/models'

async function readSeries(series: string): Promise<number | undefined> {
  const lines = (await registry.metrics()).split('\n')
  const line = lines.find((candidate) => candidate.startsWith(`${series} `))
  return line === undefined ? undefined : Number(line.slice(series.length))
}

test('a lost compare-and-swap counts under both names', async () => {
  metrics.casConflict(3)
  expect(await readSeries('tollgate_conflicts_total')).toBe(3)
  expect(await readSeries('credit_deduction_retry_count')).toBe(3)
})

test('charges are counted by outcome, and their amounts', async () => {
  metrics.chargeRefused('INSUFFICIENT_CREDITS')
  metrics.deductionFailure({ reason: 'INSUFFICIENT_CREDITS', missed: 25n, pricedModel: 'gpt-5' })
  metrics.deductionFailure({ reason: 'MODEL_PRICE_MISSING', missed: undefined, pricedModel: undefined })
  expect(await readSeries('tollgate_charges_total{status="refused",reason="INSUFFICIENT_CREDITS"}')).toBe(1)
  expect(await readSeries('tollgate_missed_nanousd_total{reason="INSUFFICIENT_CREDITS"}')).toBe(25)
  expect(await readSeries('tollgate_model_missed_nanousd_total{model="gpt-5"}')).toBe(25)
  expect(await readSeries('tollgate_model_missed_nanousd_total{model="other"}')).toBe(0)
})

test('a batch is counted with its size and its time', async () => {
  metrics.postingQueued()
  metrics.postingQueued()
  metrics.postingsTaken(1)
  metrics.batchCommitted({ size: 3, commitMs: 4 })
  expect(await readSeries('tollgate_queue_depth')).toBe(1)
  expect(await readSeries('tollgate_batch_size_sum')).toBe(3)
  expect(await readSeries('tollgate_commit_seconds_bucket{le="0.005"}')).toBe(1)
})

test('an RPC has its series before its first call', async () => {
  const labels =
    'grpc_type="unary",grpc_service="tollgate.billing.v1.BillingService",grpc_method="PriceQuote"'
  const rpc = metrics.rpcMethod({
    type: 'unary',
    service: 'tollgate.billing.v1.BillingService',
    method: 'PriceQuote',
  })
  expect(await readSeries(`grpc_server_started_total{${labels}}`)).toBe(0)
  expect(await readSeries(`grpc_server_handled_total{${labels},grpc_code="NotFound"}`)).toBe(0)
  expect(await readSeries(`grpc_server_handling_seconds_count{${labels}}`)).toBe(0)
  rpc.started()
  rpc.handled({ code: 'OK', handlingMs: 2 })
  expect(await readSeries(`grpc_server_started_total{${labels}}`)).toBe(1)
  expect(await readSeries(`grpc_server_handled_total{${labels},grpc_code="OK"}`)).toBe(1)
})

test('the metrics of the process are there, without those that Prometheus refuses', async () => {
  metrics.processStarted('1.2.3')
  const text = await registry.metrics()
  expect(text).toContain('tollgate_build_info{version="1.2.3"')
  expect(text).toContain('nodejs_eventloop_lag_seconds')
  expect(text).not.toMatch(/nodejs_active_/)
})

test('only priced models are labels, and no more of them than may be; what else there is counts as other', async () => {
  const charge = (pricedModel: string, priceSource: 'catalog' | 'default') =>
    metrics.charged({
      charge: { priced: { model: pricedModel, source: priceSource }, amountNanousd: 2n } as ChargeDetail,
    })
  for (let n = 0; n < 300; n++) charge(`unheard-of-${n}`, 'default')
  expect(await readSeries('tollgate_model_charges_total{model="other"}')).toBe(300)
  for (let n = 0; n < 300; n++) charge(`model-${n}`, 'catalog')
  expect(await readSeries('tollgate_model_charges_total{model="model-0"}')).toBe(1)
  expect(await readSeries('tollgate_model_charged_nanousd_total{model="model-0"}')).toBe(2)
  const page = await registry.metrics()
  const labels = page.match(/^tollgate_model_charges_total\{/gm)
  expect(labels).toHaveLength(MODEL_LABELS_MAX + 1)
  const counted = [...page.matchAll(/^tollgate_model_charges_total\{.*\} (\d+)$/gm)].map(([, count]) =>
    Number(count),
  )
  expect(counted.reduce((sum, count) => sum + count)).toBe(600)
  expect(page).not.toContain('unheard-of')
})
