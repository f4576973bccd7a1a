#!/usr/bin/env node
import { Command } from 'commander'
import { aliasesCommand } from './commands/aliases'
import { benchCommand } from './commands/bench'
import { chargeCommand } from './commands/charge'
import { configCommand } from './commands/config'
import { demoCommand } from './commands/demo'
import { doctorCommand } from './commands/doctor'
import { failuresCommand } from './commands/failures'
import { grantCommand } from './commands/grant'
import { holdsCommand } from './commands/holds'
import { ledgerCommand } from './commands/ledger'
import { migrateCommand } from './commands/migrate'
import { pricesCommand } from './commands/prices'
import { quoteCommand } from './commands/quote'
import { receiptCommand } from './commands/receipt'
import { reconcileCommand } from './commands/reconcile'
import { refundCommand } from './commands/refund'
import { serveCommand } from './commands/serve'
import { spendCommand } from './commands/spend'
import { spoolCommand } from './commands/spool'
import { tokenCommand } from './commands/token'
import { usersCommand } from './commands/users'
import { flushLog, log } from './observability/log'
import { SetupError } from './setupError'
import { version } from './version'

const EXIT_FAILED = 1
const EXIT_SETUP = 2

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

function program(): Command {
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

/** Commander has told the reason already; a wrong usage is a setup to be mended, as a wrong configuration is. */
function withExitCodes(command: Command): Command {
  for (const each of command.commands) withExitCodes(each)
  return command.exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : EXIT_SETUP))
}

async function main(): Promise<void> {
  try {
    await withExitCodes(program()).parseAsync()
  } catch (error) {
    process.exitCode = error instanceof SetupError ? EXIT_SETUP : EXIT_FAILED
    if (error instanceof SetupError) process.stderr.write(`tollgate: ${error.message}\n`)
    else log.fatal({ err: error }, 'tollgate failed')
  }
  flushLog()
  await written(process.stdout)
  // Whatever may still be open (a keep-alive connection, a timer of a library) has no more work to do.
  process.exit()
}

/** To a pipe, output is still on its way when the write returns. One that nobody reads on (`| head`) is no failure. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.once('error', () => resolve())
    stream.write('', () => resolve())
  })
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

void main()
