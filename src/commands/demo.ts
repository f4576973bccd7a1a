import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { Command } from 'commander'
import { connectTollgate, type TollgateClient } from '../../clients/node/src/connect'
import { TollgateError } from '../../clients/node/src/errors'
import { openConfiguredDatabase } from '../compose/openConfiguredDatabase'
import { startService } from '../compose/service'
import { readConfig } from '../config/config'
import { migrateToLatest } from '../database/migrate'
import { log } from '../observability/log'
import { SetupError } from '../setupError'
import { temporaryFolder } from '../temporaryFolder'
import { openDisplay } from './demo/display'
import { DemoGateway } from './demo/gateway'
import { playDemo } from './demo/play'
import { configuredAddress, connectionOf, isNoServer, type RemoteOptions, withRemoteOptions } from './remote'

interface DemoOptions extends RemoteOptions {
  paceMs: string
}

const PROBE_TIMEOUT_MS = 1_000

const examples = `
It makes users of its own, and needs a token with the admin scope where the server asks for one. Without a server that
runs it starts one for itself, in a temporary folder. With --json it prints nothing but a sum.

Examples:
  $ tollgate demo
  $ tollgate demo --address tollgate.example:50051 --token-file operations.token --pace-ms 0`

export function demoCommand(): Command {
  return withRemoteOptions(new Command('demo'))
    .description('run a small live gateway with a few users, on a running server or its own')
    .option('--pace-ms <ms>', 'pause between two lines', '250')
    .addHelpText('after', examples)
    .action(demo)
}

/** Exits with 1 if the books don't balance at the end. */
async function demo(options: DemoOptions): Promise<void> {
  const paceMs = Number(options.paceMs)
  if (!Number.isInteger(paceMs) || paceMs < 0 || paceMs > 10_000) {
    throw new SetupError('--pace-ms must be a whole number of milliseconds from 0 to 10000')
  }
  const display = openDisplay({ quiet: options.json === true, paceMs: options.json ? 0 : paceMs })
  const server = await findOrStartServer(options, (line) => display.note(line))
  try {
    // A different name for each run, so that it can run repeatedly on one server.
    const gateway = new DemoGateway(server.client, display, `demo-${randomBytes(3).toString('hex')}`)
    const summary = await playDemo(gateway, display)
    if (options.json) process.stdout.write(`${JSON.stringify(summary, null, 2)}\n`)
    if (!summary.balanced) process.exitCode = 1
  } finally {
    await server.stop()
  }
}

interface DemoServer {
  client: TollgateClient
  stop(): Promise<void>
}

async function findOrStartServer(
  options: DemoOptions,
  note: (line: string) => Promise<void>,
): Promise<DemoServer> {
  const address = options.address || configuredAddress(readConfig(process.env))
  const client = connectTollgate(connectionOf(options, address))
  if (await answers(client)) {
    await note(`using the server at ${address}`)
    return { client, stop: async () => client.close() }
  }
  client.close()
  if (options.address) {
    throw new SetupError(
      `no server answers at ${address}. Start one with \`npm start\`, or leave --address out.`,
    )
  }
  await note(`no server runs at ${address}: starting one for the demo, with a Postgres of its own`)
  return startOwnServer()
}

async function answers(client: TollgateClient): Promise<boolean> {
  try {
    await client.listUsers({ pageSize: 1 }, { timeoutMs: PROBE_TIMEOUT_MS })
    return true
  } catch (error) {
    if (isNoServer(error)) return false
    throw error instanceof TollgateError
      ? new SetupError(`the server refused the demo: ${error.message}`)
      : error
  }
}

/** Keeps everything in a temporary folder that is removed at the end. */
async function startOwnServer(): Promise<DemoServer> {
  const dataDir = temporaryFolder('tollgate-demo-')
  const config = readConfig({
    TOLLGATE_DATA_DIR: dataDir,
    TOLLGATE_GRPC_PORT: '0',
    TOLLGATE_DRAIN_GRACE_SECONDS: '2',
  })
  // The demo provokes refusals; their warnings would clutter its output.
  log.level = 'silent'
  const database = await openConfiguredDatabase(config)
  await migrateToLatest(database)
  const service = await startService(config, database)
  const client = connectTollgate({ address: service.address })
  return {
    client,
    async stop() {
      client.close()
      await service.drain(config.drainGraceMs)
      await database.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
