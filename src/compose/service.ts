import type { Billing } from '../billing/billing'
import { CounterCleaner } from '../billing/budgets/counterCleaner'
import { Deferral } from '../billing/charges/deferral'
import { deliverDeferred } from '../billing/charges/deliverDeferred'
import { ReconcileJob } from '../billing/reconcile/reconcileJob'
import { StreamEnds } from '../billing/streams/streamEnds'
import { Streams } from '../billing/streams/streamSettle'
import { OpenItemsWatch } from '../billing/watchOpenItems'
import { type Config, isLoopback } from '../config/config'
import type { Database } from '../database/database'
import { LedgerEngine } from '../ledger/engine'
import { realDisk } from '../ledger/spool/disk'
import { Spool } from '../ledger/spool/spool'
import { log } from '../observability/log'
import { loadCatalog } from '../pricing/catalog/loadCatalog'
import { PriceBook } from '../pricing/priceBook'
import { PriceFeed } from '../pricing/priceFeed'
import { streamSettle } from '../rpc/billing/streamSettle'
import { watchTokensFile } from '../rpc/server/auth'
import { startRpcServer } from '../rpc/server/server'
import { serverCredentials, watchTlsFiles } from '../rpc/server/serverCredentials'

const STREAMS_SHARE_OF_GRACE = 0.7

export interface Service {
  /** The address of gRPC: `host:port`. */
  address: string
  /** Whether charges can be deferred while the database is unreachable. */
  takesChargesWithoutDatabase(): boolean
  /** Stops accepting, gives calls and streams the grace to end, and writes what is queued. */
  drain(graceMs: number): Promise<void>
}

/** Starts prices, ledger and gRPC server, wired together. */
export async function startService(config: Config, database: Database): Promise<Service> {
  const { tokens, tls } = watchFiles(config.grpc)
  // This comes first: if another process holds the spool's folder, this one must not touch anything.
  const spool = await openSpool(config)
  log.info('loading the catalog')
  const catalog = await loadCatalog(database)
  const { rejections, ...counts } = catalog
  log.info({ ...counts, rejected: rejections.length }, 'loaded the bundled catalog')
  log.debug({ rejections }, 'some models of the catalog have no valid price')

  const rules = { trial: config.trial }
  const ledger = new LedgerEngine({ ...config.ledger, connection: database.connection, rules })
  await ledger.start()
  // Prices use the ledger's clock, which follows the database's, so that replicas agree on the prices in force.
  const prices = new PriceBook(database, { ...config.prices, quoteValidityMs: config.quoteValidityMs }, () =>
    ledger.now(),
  )
  await prices.start()
  const feed = feedOf(config, prices)
  feed?.start()

  const billing: Billing = {
    database,
    ledger,
    prices,
    limits: { chargeNanousdMax: config.chargeNanousdMax, summaryMsMax: config.summaryMsMax },
    rules,
    collectsOnGrant: config.collectsOnGrant,
    // The rest of the grace is for the last answers.
    streamEnds: new StreamEnds(),
    streams: { ...config.streams, drainMs: Math.round(config.drainGraceMs * STREAMS_SHARE_OF_GRACE) },
  }
  const deferral = spool && new Deferral(spool, (deferred) => deliverDeferred(billing, deferred))
  deferral?.start()
  const served: Billing = { ...billing, ...(deferral && { deferral }) }
  const streams = new Streams(served)
  streams.start()
  const openItems = new OpenItemsWatch(database)
  await openItems.start()
  const reconcileJob =
    config.reconcile.intervalMs === 0 ? undefined : new ReconcileJob(served, config.reconcile)
  const rpc = await startRpcServer({
    billing: served,
    host: config.grpc.host,
    port: config.grpc.port,
    limits: config.grpc.limits,
    connections: config.grpc.connections,
    ...(tls && { credentials: serverCredentials(tls) }),
    ...(tokens && { tokens: () => tokens.current }),
    streamSettle: streamSettle(streams),
  })
  // Background work starts once the server has started.
  reconcileJob?.start()
  const counterCleaner = new CounterCleaner(database)
  counterCleaner.start()

  return {
    address: `${config.grpc.host}:${rpc.port}`,
    takesChargesWithoutDatabase: () => deferral?.accepts ?? false,
    async drain(graceMs) {
      const deadlineMs = performance.now() + graceMs
      await feed?.stop()
      await openItems.stop()
      // All at once: clients send new calls elsewhere, while running calls end and streams end or move.
      await Promise.all([
        streams.drain(),
        rpc.drain(Math.max(0, deadlineMs - performance.now())),
        reconcileJob?.stop(),
        counterCleaner.stop(),
      ])
      tokens?.close()
      tls?.close()
      await Promise.all([deferral?.finish(deadlineMs), prices.stop()])
      await ledger.drain()
    },
  }
}

async function openSpool({ deferral }: Config): Promise<Spool | undefined> {
  const { enabled, spoolDir: dir, spoolBytesMax: bytesMax, userNanousdMax } = deferral
  if (!enabled) {
    log.info('deferral is off: charges are refused while the database is unreachable')
    return undefined
  }
  const spool = await Spool.open({ disk: realDisk, dir, bytesMax, userNanousdMax })
  if (spool.size > 0) log.warn({ entries: spool.size }, 'an earlier process left deferred charges to deduct')
  return spool
}

function feedOf({ prices: settings }: Config, prices: PriceBook): PriceFeed | undefined {
  const { feedUrl, feedFormat, feedIntervalMs, storedPriceAgeMsMax } = settings
  if (feedUrl === undefined) return undefined
  return new PriceFeed(prices, {
    url: feedUrl,
    format: feedFormat,
    intervalMs: feedIntervalMs,
    ageMsMax: storedPriceAgeMsMax,
  })
}

function watchFiles({ tokensFile, tls: tlsFiles, host }: Config['grpc']) {
  const tokens = tokensFile === undefined ? undefined : watchTokensFile(tokensFile)
  const tls = tlsFiles && watchTlsFiles(tlsFiles)
  if (tokens === undefined) log.warn('no tokens are set: anybody on this machine may call')
  else if (tls === undefined && !isLoopback(host))
    log.warn('TLS is not set: tokens travel in plain text, readable on the network')
  return { tokens, tls }
}
