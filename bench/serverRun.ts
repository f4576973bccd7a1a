import { type Bench, withDatabase, withLedger } from './bench'
import { type Measured, together } from './load'
import type { BenchDatabase } from './postgres'
import { type Worker, withWorkers } from './worker'

export interface ServerMeasured extends Measured {
  /** Processor time of the server, which shows the cost of a call although load and server share the cores. */
  serverMicrosPerCall: number
}

interface ServerLoad {
  name: string
  loaders?: number
  /** Absent = not counted. */
  entriesPerCall?: number
  load: (address: string, loader: Worker) => Promise<Measured>
}

/** A load on a whole tollgate, on a fresh ledger. */
export function onTollgate(bench: Bench, run: ServerLoad): Promise<ServerMeasured> {
  return withLedger(bench, run, ({ connection }: BenchDatabase) =>
    onServer(run, async (server) => ({
      ...(await server.do('tollgateServer', { connection })),
      drain: () => server.do('drainServer'),
    })),
  )
}

/** The same load on a server that does nothing. */
export async function onNoop(bench: Bench, run: ServerLoad): Promise<ServerMeasured> {
  const answers = await bench.sampleAnswers()
  return onServer(run, async (server) => ({
    ...(await server.do('noopServer', { answers })),
    drain: async () => undefined,
  }))
}

/** A server that does nothing, for the load of another program. */
export async function withNoop<T>(bench: Bench, work: (address: string) => Promise<T>): Promise<T> {
  const answers = await bench.sampleAnswers()
  return withWorkers(1, async (server) => work((await server.do('noopServer', { answers })).address))
}

function onServer(
  { loaders = 1, load }: ServerLoad,
  start: (server: Worker) => Promise<{ address: string; drain: () => Promise<void> }>,
): Promise<ServerMeasured> {
  return withWorkers(loaders + 1, async (server, ...workers) => {
    const { address, drain } = await start(server)
    const before = await server.do('processUsage')
    const parts = await Promise.all(workers.map((worker) => load(address, worker)))
    const after = await server.do('processUsage')
    await drain()
    const measured = together(parts)
    return { ...measured, serverMicrosPerCall: (after.cpuMicros - before.cpuMicros) / measured.succeeded }
  })
}

/** The service's answers, which the no-op repeats. */
export function takeSampleAnswers(bench: Bench) {
  return withDatabase(bench, ({ connection }) =>
    withWorkers(2, async (server, client) => {
      const { address } = await server.do('tollgateServer', { connection })
      const answers = await client.do('sampleAnswers', { address })
      await server.do('drainServer')
      return answers
    }),
  )
}
