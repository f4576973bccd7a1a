import { type Bench, inRounds, loadOf, type RowGroup } from '../bench'
import { engineRun, errorNotes, rates } from '../engineRun'
import { h2load } from '../h2load'
import type { UnaryMethod } from '../http2/template'
import { rowOf } from '../row'
import { onNoop, onTollgate, type ServerMeasured, withNoop } from '../serverRun'
import { median } from '../statistics'
import type { Worker } from '../worker'

const IN_FLIGHT = 256
const NODE_CLIENTS = 3
const SHARED = 'the processors: server, load and, unlike for the floor, Postgres share them'
const BATCH = { size: 100, inFlight: 10 }

/** Over gRPC, compared with a handler that does nothing with the same messages. */
export const grpcRows: RowGroup = async (bench) => {
  const users = { kind: 'uniform', userCount: bench.userCount } as const
  const raw = (method: UnaryMethod) => ({
    name: method,
    load: (address: string, loader: Worker) =>
      loader.do('http2Load', { address, method, users, load: loadOf(bench, IN_FLIGHT) }),
  })
  const node = {
    name: 'ChargeUsage from Node',
    loaders: NODE_CLIENTS,
    load: (address: string, loader: Worker) =>
      loader.do('nodeClientLoad', {
        address,
        users,
        load: loadOf(bench, Math.ceil(IN_FLIGHT / NODE_CLIENTS)),
      }),
  }
  const batch = {
    name: 'BatchChargeUsage',
    entriesPerCall: BATCH.size,
    load: (address: string, loader: Worker) =>
      loader.do('http2Load', {
        address,
        users,
        method: 'BatchChargeUsage',
        batchSize: BATCH.size,
        load: loadOf(bench, BATCH.inFlight),
      }),
  }
  const cells = await inRounds(bench, {
    chargeNoop: () => onNoop(bench, raw('ChargeUsage')),
    charge: () => onTollgate(bench, { ...raw('ChargeUsage'), entriesPerCall: 1 }),
    quoteNoop: () => onNoop(bench, raw('PriceQuote')),
    quote: () => onTollgate(bench, raw('PriceQuote')),
    h2loadNoop: () => h2loadNoop(bench),
    nodeNoop: () => onNoop(bench, node),
    node: () => onTollgate(bench, { ...node, entriesPerCall: 1 }),
    batch: () => onTollgate(bench, batch),
    engine: () => engineRun(bench, { users, inFlight: BATCH.size * BATCH.inFlight }),
  })
  const noop = { group: 'grpc', limit: SHARED, unit: '/s' as const, floorWhat: 'a handler that does nothing' }
  return [
    rowOf({
      ...noop,
      what: 'unary ChargeUsage, 256 in flight',
      values: rates(cells.charge),
      floors: rates(cells.chargeNoop),
      target: { atLeast: 0.4 },
      notes: serverNotes(cells.charge, cells.chargeNoop),
    }),
    rowOf({
      ...noop,
      what: 'unary PriceQuote, 256 in flight',
      values: rates(cells.quote),
      floors: rates(cells.quoteNoop),
      target: { atLeast: 0.7 },
      notes: serverNotes(cells.quote, cells.quoteNoop),
    }),
    rowOf({
      ...noop,
      what: `ChargeUsage by ${NODE_CLIENTS} Node clients, 256 in flight`,
      values: rates(cells.node),
      floors: rates(cells.nodeNoop),
      target: { atLeast: 0.75 },
      notes: serverNotes(cells.node, cells.nodeNoop),
    }),
    rowOf({
      group: 'grpc',
      limit: SHARED,
      what: `BatchChargeUsage of ${BATCH.size}, charges`,
      unit: '/s',
      values: rates(cells.batch).map((rate) => rate * BATCH.size),
      floors: rates(cells.engine),
      floorWhat: 'the engine without gRPC, as many in flight',
      target: { atLeast: 0.7 },
      notes: errorNotes(cells.batch),
    }),
    rowOf({
      group: 'grpc',
      what: 'our load program on the no-op ChargeUsage',
      unit: '/s',
      values: rates(cells.chargeNoop),
      floors: bench.programs.h2load === undefined ? undefined : cells.h2loadNoop,
      floorWhat: 'h2load on the same',
      notes: [
        `${median(cells.chargeNoop.map((run) => run.cpuMicrosPerCall)).toFixed(1)} µs of the load program a call`,
      ],
    }),
  ]
}

/** h2load can't vary its bodies, so it measures the no-op only. It shows that our load program doesn't limit the other rows. */
async function h2loadNoop(bench: Bench): Promise<number> {
  const program = bench.programs.h2load
  if (program === undefined) return Number.NaN
  return withNoop(bench, (address) =>
    h2load(program, { address, method: 'ChargeUsage', load: loadOf(bench, IN_FLIGHT) }),
  )
}

function serverNotes(runs: readonly ServerMeasured[], floors: readonly ServerMeasured[]): string[] {
  const micros = (of: readonly ServerMeasured[]) =>
    median(of.map((run) => run.serverMicrosPerCall)).toFixed(0)
  return [`server: ${micros(runs)} µs a call, the no-op ${micros(floors)} µs`, ...errorNotes(runs)]
}
