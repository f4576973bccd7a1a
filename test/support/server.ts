import type { ServerCredentials } from '@grpc/grpc-js'
import { connectTollgate, type TollgateClient } from '../../clients/node/src/connect'
import type { Billing } from '../../src/billing/billing'
import { Deferral } from '../../src/billing/charges/deferral'
import { deliverDeferred } from '../../src/billing/charges/deliverDeferred'
import { StreamEnds } from '../../src/billing/streams/streamEnds'
import { Streams } from '../../src/billing/streams/streamSettle'
import { type ConnectionSettings, openDatabase } from '../../src/database/database'
import type { SpoolSettings } from '../../src/ledger/spool/spool'
import { loadCatalog } from '../../src/pricing/catalog/loadCatalog'
import { PriceBook } from '../../src/pricing/priceBook'
import type { PriceBookSettings } from '../../src/pricing/settings'
import { streamSettle } from '../../src/rpc/billing/streamSettle'
import type { Token } from '../../src/rpc/server/auth'
import {
  type CallLimits,
  type ConnectionRules,
  type RpcServer,
  startRpcServer,
} from '../../src/rpc/server/server'
import { startLedger } from './ledger'
import { TRIAL_RULES, USD } from './postings'
import { PRICE_BOOK_SETTINGS } from './priceBooks'
import { openSpool } from './spools'
import { type TestDatabase, testDatabase } from './testDatabase'

/** A whole tollgate on its own database and a free port, and a client of it. */
export interface TestServer {
  address: string
  billing: Billing
  client: TollgateClient
  database: TestDatabase
  /** Another client, with its own token. */
  connect(token?: string): TollgateClient
  rpc: RpcServer
  /** `spoolGraceMs`: how long deferred charges may take to be deducted. */
  stop(options?: { spoolGraceMs?: number }): Promise<void>
}

export interface TestServerSettings {
  tokens?: readonly Token[] | (() => readonly Token[])
  callLimits?: Partial<CallLimits>
  credentials?: ServerCredentials
  /** Loads the bundled catalog; otherwise the test puts its own prices. */
  withCatalog?: boolean
  /** Fills the empty database before anything starts on it. */
  fill?: (database: TestDatabase) => Promise<void>
  limits?: Partial<Billing['limits']>
  prices?: Partial<PriceBookSettings>
  streams?: Partial<Billing['streams']>
  connections?: Partial<ConnectionRules>
  /** Defers to a spool in this folder. */
  spool?: Partial<SpoolSettings> & { dir: string }
  /** Connects the server to its database by another network path than the test's. */
  network?: (connection: ConnectionSettings) => ConnectionSettings | Promise<ConnectionSettings>
}

export async function startTestServer({
  tokens,
  withCatalog = false,
  fill,
  limits,
  prices: priceSettings,
  streams: streamRules,
  connections,
  network,
  spool: spoolSettings,
  callLimits,
  credentials,
}: TestServerSettings = {}): Promise<TestServer> {
  const database = await testDatabase()
  if (withCatalog) await loadCatalog(database)
  await fill?.(database)
  const served =
    network === undefined
      ? database
      : openDatabase(await network(database.connection), { poolSizeMax: 10, onIdleError: () => undefined })
  const ledger = await startLedger(served.connection)
  const prices = new PriceBook(served, { ...PRICE_BOOK_SETTINGS, ...priceSettings }, () => ledger.now())
  await prices.start()
  const billing: Billing = {
    streamEnds: new StreamEnds(),
    database: served,
    ledger,
    prices,
    limits: { chargeNanousdMax: 100_000n * USD, summaryMsMax: 20_000, ...limits },
    rules: { trial: TRIAL_RULES },
    collectsOnGrant: true,
    streams: {
      validityMs: 120_000,
      firstStretchTokens: 1_024n,
      amendableForMs: 24 * 60 * 60_000,
      recordIntervalMs: 5_000,
      sweepIntervalMs: 5_000,
      streamsMax: 1_000,
      messagesPerSecondMax: 1_000,
      drainMs: 1_000,
      ...streamRules,
    },
  }
  if (spoolSettings !== undefined) {
    const spool = await openSpool(spoolSettings.dir, spoolSettings)
    const { deferral: _none, ...undeferred } = billing
    billing.deferral = new Deferral(spool, (deferred) => deliverDeferred(undeferred, deferred))
    billing.deferral.start()
  }
  const streams = new Streams(billing)
  streams.start()
  const rpc = await startRpcServer({
    billing,
    host: '127.0.0.1',
    port: 0,
    ...(tokens !== undefined && { tokens: typeof tokens === 'function' ? tokens : () => tokens }),
    ...(callLimits !== undefined && { limits: callLimits }),
    ...(credentials !== undefined && { credentials }),
    streamSettle: streamSettle(streams),
    ...(connections !== undefined && { connections }),
  })
  const address = `127.0.0.1:${rpc.port}`
  const clients: TollgateClient[] = []
  const connect = (token?: string): TollgateClient => {
    // A test sees each answer of the server, so there are no retries and no batches.
    const client = connectTollgate({
      address,
      ...(token !== undefined && { token }),
      retry: { retriesMax: 0 },
      batching: false,
    })
    clients.push(client)
    return client
  }
  return {
    address,
    billing,
    client: connect(),
    database,
    connect,
    rpc,
    async stop({ spoolGraceMs = 5_000 } = {}) {
      for (const client of clients) client.close()
      await streams.drain()
      await rpc.drain(1_000)
      await billing.deferral?.finish(performance.now() + spoolGraceMs)
      await ledger.drain()
      await prices.stop()
      if (served !== database) await served.close()
      await database.drop()
    },
  }
}
