import { type Bench, inRounds, loadOf, type RowGroup, withDatabase } from '../bench'
import { checkBooks } from '../books'
import { errorNotes, rates } from '../engineRun'
import type { Measured } from '../load'
import { rowOf } from '../row'
import { onTollgate } from '../serverRun'
import { median } from '../statistics'
import { type Worker, withWorkers } from '../worker'

const OPEN_STREAMS = 5_000
const IN_FLIGHT = 256

interface OpenStreamsMeasured {
  progress: Measured
  bytesPerStream: number
  serverMicrosPerMessage: number
  refused: number
}

/** Many generations at once, each metered while it runs. */
export const streamRows: RowGroup = async (bench) => {
  const users = { kind: 'uniform', userCount: bench.userCount } as const
  const { noop, streams, cycles, charges } = await inRounds(bench, {
    noop: () => openOnNoop(bench),
    streams: () => openOnTollgate(bench),
    cycles: () =>
      onTollgate(bench, {
        name: 'streams opened and settled',
        entriesPerCall: 2,
        load: (address, loader) =>
          loader.do('streamCycles', { address, users, load: loadOf(bench, IN_FLIGHT) }),
      }),
    charges: () =>
      onTollgate(bench, {
        name: 'ChargeUsage',
        entriesPerCall: 1,
        load: (address, loader) =>
          loader.do('http2Load', { address, method: 'ChargeUsage', users, load: loadOf(bench, IN_FLIGHT) }),
      }),
  })
  const shared = { group: 'streams', limit: 'the processor of the server: see its time for each message' }
  const micros = (of: readonly OpenStreamsMeasured[]) =>
    median(of.map((run) => run.serverMicrosPerMessage)).toFixed(1)
  return [
    rowOf({
      ...shared,
      what: `progress messages on ${OPEN_STREAMS} open streams`,
      unit: '/s',
      values: rates(streams.map((run) => run.progress)),
      floors: rates(noop.map((run) => run.progress)),
      floorWhat: 'a bidirectional stream that does nothing',
      target: { atLeast: 0.5 },
      notes: [
        `server: ${micros(streams)} µs a message, the no-op ${micros(noop)} µs`,
        ...streams.filter(({ refused }) => refused > 0).map(({ refused }) => `${refused} streams refused`),
      ],
    }),
    rowOf({
      ...shared,
      what: 'memory of an open stream above an idle one of grpc-js',
      unit: 'bytes',
      values: streams.map((run, round) => run.bytesPerStream - (noop[round]?.bytesPerStream ?? 0)),
      floors: streams.map(() => 10 * 1_024),
      floorWhat: '10 KiB',
      target: { atMost: 1 },
      notes: [`idle stream of grpc-js: ${median(noop.map((run) => run.bytesPerStream)).toFixed(0)} bytes`],
    }),
    rowOf({
      ...shared,
      what: 'streams opened and settled, 256 in flight',
      unit: '/s',
      values: rates(cycles),
      floors: rates(charges),
      floorWhat: 'unary ChargeUsage, 256 in flight',
      target: { atLeast: 0.4 },
      notes: errorNotes(cycles),
    }),
  ]
}

async function openOnNoop(bench: Bench): Promise<OpenStreamsMeasured> {
  const answers = await bench.sampleAnswers()
  return withWorkers(2, async (server, loader) => {
    const { address } = await server.do('noopServer', { answers })
    return measureStreams(bench, { server, loader, address })
  })
}

function openOnTollgate(bench: Bench): Promise<OpenStreamsMeasured> {
  return withDatabase(bench, async ({ connection }) => {
    const measured = await withWorkers(2, async (server, loader) => {
      const { address } = await server.do('tollgateServer', { connection })
      const streams = await measureStreams(bench, { server, loader, address })
      await server.do('drainServer')
      return streams
    })
    await checkBooks(connection, { name: 'open streams' })
    return measured
  })
}

async function measureStreams(
  bench: Bench,
  { server, loader, address }: { server: Worker; loader: Worker; address: string },
): Promise<OpenStreamsMeasured> {
  const users = { kind: 'uniform', userCount: bench.userCount } as const
  // Memory that the first streams allocate for good belongs to no stream.
  await loader.do('openStreams', { address, count: 200, users })
  await loader.do('closeStreams')
  const before = await server.do('processUsage')
  await loader.do('openStreams', { address, count: OPEN_STREAMS, users })
  const opened = await server.do('processUsage')
  const progress = await loader.do('sendProgress', { load: loadOf(bench, 1) })
  const sent = await server.do('processUsage')
  const { refused } = await loader.do('closeStreams')
  return {
    progress,
    bytesPerStream: (opened.memoryBytes - before.memoryBytes) / OPEN_STREAMS,
    serverMicrosPerMessage: (sent.cpuMicros - opened.cpuMicros) / progress.succeeded,
    refused,
  }
}
