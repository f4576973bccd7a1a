import { Command } from 'commander'
import type { Billing } from '../../billing/billing'
import { deliverDeferred } from '../../billing/charges/deliverDeferred'
import { StreamEnds } from '../../billing/streams/streamEnds'
import { checkSchema } from '../../compose/checkSchema'
import { openConfiguredDatabase } from '../../compose/openConfiguredDatabase'
import { type Config, readConfig } from '../../config/config'
import type { Database } from '../../database/database'
import { LedgerEngine } from '../../ledger/engine'
import { realDisk } from '../../ledger/spool/disk'
import { type Delivered, drainRound } from '../../ledger/spool/drainRound'
import { Spool } from '../../ledger/spool/spool'
import { PriceBook } from '../../pricing/priceBook'
import { note, print } from '../print'
import { existingDir } from './spoolDir'

const BATCH_MAX = 256

export function spoolDrainCommand(): Command {
  return new Command('drain')
    .description('deduct what a server left on a disk, in the database of DATABASE_URL')
    .option('--dir <folder>', 'the spool (default: spool in TOLLGATE_DATA_DIR)')
    .option('--json', 'the outcome as JSON')
    .addHelpText('after', '\nExits with 1 where something is left, which is safe to try again at any time.')
    .action(async ({ dir, json = false }: { dir?: string; json?: boolean }) => {
      const config = readConfig(process.env)
      await drain(config, { dir: existingDir(dir ?? config.deferral.spoolDir), asJson: json })
    })
}

async function drain(config: Config, { dir, asJson }: { dir: string; asJson: boolean }): Promise<void> {
  const spool = await Spool.open({ disk: realDisk, dir, bytesMax: 0, userNanousdMax: 0n })
  try {
    const outcome = { deducted: 0, dropped: 0, failed: 0 }
    if (spool.size > 0) await withBilling(config, (billing) => drainAll(spool, billing, outcome))
    const left = spool.size
    if (left > 0) process.exitCode = 1
    if (asJson) print(JSON.stringify({ ...outcome, left }))
    else {
      const { deducted, dropped, failed } = outcome
      print(
        `${deducted} deducted, ${dropped} were already, ${failed} are deduction failures now, ${left} left`,
      )
    }
  } finally {
    await spool.close()
  }
}

async function drainAll(spool: Spool, billing: Billing, outcome: Record<Delivered, number>): Promise<void> {
  const all = spool.size
  for (;;) {
    const { delivered } = await drainRound(
      spool,
      async (deferred) => {
        const delivered = await deliverDeferred(billing, deferred)
        outcome[delivered] += 1
        return delivered
      },
      // One attempt each: what a round puts off is not due before the end of this command.
      { limit: BATCH_MAX, nowMs: performance.now() },
    )
    if (spool.size > 0 || all > BATCH_MAX) note(`${all - spool.size} of ${all}`)
    if (spool.size === 0 || delivered === 0) return
  }
}

async function withBilling(config: Config, work: (billing: Billing) => Promise<void>): Promise<void> {
  const database = await openConfiguredDatabase(config)
  try {
    await checkSchema(database)
    const { ledger, billing } = billingOf(config, database)
    await ledger.start()
    try {
      await work(billing)
    } finally {
      await ledger.drain()
    }
  } finally {
    await database.close()
  }
}

function billingOf(config: Config, database: Database): { ledger: LedgerEngine; billing: Billing } {
  const rules = { trial: config.trial }
  const ledger = new LedgerEngine({ ...config.ledger, connection: database.connection, rules })
  const settings = { ...config.prices, quoteValidityMs: config.quoteValidityMs }
  const prices = new PriceBook(database, settings, () => ledger.now())
  const limits = { chargeNanousdMax: config.chargeNanousdMax, summaryMsMax: config.summaryMsMax }
  const billing = {
    database,
    ledger,
    prices,
    limits,
    rules,
    collectsOnGrant: false,
    streamEnds: new StreamEnds(),
    streams: { ...config.streams, drainMs: 0 },
  }
  return { ledger, billing }
}
