import { Command } from 'commander'
import { version } from '../version'
import { aliasesCommand } from './aliases'
import { benchCommand } from './bench'
import { chargeCommand } from './charge'
import { configCommand } from './config'
import { demoCommand } from './demo'
import { doctorCommand } from './doctor'
import { failuresCommand } from './failures'
import { grantCommand } from './grant'
import { holdsCommand } from './holds'
import { ledgerCommand } from './ledger'
import { migrateCommand } from './migrate'
import { pricesCommand } from './prices'
import { quoteCommand } from './quote'
import { receiptCommand } from './receipt'
import { reconcileCommand } from './reconcile'
import { refundCommand } from './refund'
import { serveCommand } from './serve'
import { spendCommand } from './spend'
import { spoolCommand } from './spool'
import { tokenCommand } from './token'
import { usersCommand } from './users'

const examples = `
Examples:
  $ tollgate serve                                   with the embedded Postgres, on 127.0.0.1:50051
  $ DATABASE_URL=postgres://… tollgate serve         with a Postgres of yours
  $ tollgate demo                                    a small gateway at work, live
  $ tollgate migrate --pending                       what an upgrade would change in the schema
  $ tollgate config --markdown                       every variable, with its default
  $ tollgate doctor                                  whether everything is set up as it should be
  $ tollgate prices show gpt-5 --provider openai     what a model costs, at a server that runs
  $ tollgate reconcile                               whether every balance is the sum of its entries
  $ tollgate spool drain --dir ./old/spool           deduct what a server left behind
  $ tollgate token create --name gateway --scopes gateway --file tokens
  $ tollgate spend --by model,label:team --month 2026-11 --csv
  $ tollgate quote gpt-5 --input 12000 --output 800  what a call would cost`

/** The whole command line. */
export function program(): Command {
  return new Command('tollgate')
    .description(
      'Billing for LLM inference gateways: prices, charges and meters model calls against prepaid credits.',
    )
    .version(version)
    .addCommand(serveCommand())
    .addCommand(demoCommand())
    .addCommand(migrateCommand())
    .addCommand(configCommand())
    .addCommand(doctorCommand())
    .addCommand(pricesCommand())
    .addCommand(aliasesCommand())
    .addCommand(quoteCommand())
    .addCommand(usersCommand())
    .addCommand(grantCommand())
    .addCommand(chargeCommand())
    .addCommand(receiptCommand())
    .addCommand(refundCommand())
    .addCommand(ledgerCommand())
    .addCommand(spendCommand())
    .addCommand(holdsCommand())
    .addCommand(failuresCommand())
    .addCommand(reconcileCommand())
    .addCommand(spoolCommand())
    .addCommand(tokenCommand())
    .addCommand(benchCommand())
    .addHelpText('after', examples)
}
