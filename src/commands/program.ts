import { Command } from 'commander'
import { version } from '../version'

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

/** In the order of the help. Each is loaded only when it is needed: `users --help` takes half the time that way. */
const COMMANDS = {
  serve: () => (require('./serve') as typeof import('./serve')).serveCommand(),
  demo: () => (require('./demo') as typeof import('./demo')).demoCommand(),
  migrate: () => (require('./migrate') as typeof import('./migrate')).migrateCommand(),
  config: () => (require('./config') as typeof import('./config')).configCommand(),
  doctor: () => (require('./doctor') as typeof import('./doctor')).doctorCommand(),
  prices: () => (require('./prices') as typeof import('./prices')).pricesCommand(),
  aliases: () => (require('./aliases') as typeof import('./aliases')).aliasesCommand(),
  quote: () => (require('./quote') as typeof import('./quote')).quoteCommand(),
  users: () => (require('./users') as typeof import('./users')).usersCommand(),
  grant: () => (require('./grant') as typeof import('./grant')).grantCommand(),
  charge: () => (require('./charge') as typeof import('./charge')).chargeCommand(),
  receipt: () => (require('./receipt') as typeof import('./receipt')).receiptCommand(),
  refund: () => (require('./refund') as typeof import('./refund')).refundCommand(),
  ledger: () => (require('./ledger') as typeof import('./ledger')).ledgerCommand(),
  spend: () => (require('./spend') as typeof import('./spend')).spendCommand(),
  budgets: () => (require('./budgets') as typeof import('./budgets')).budgetsCommand(),
  holds: () => (require('./holds') as typeof import('./holds')).holdsCommand(),
  failures: () => (require('./failures') as typeof import('./failures')).failuresCommand(),
  reconcile: () => (require('./reconcile') as typeof import('./reconcile')).reconcileCommand(),
  spool: () => (require('./spool') as typeof import('./spool')).spoolCommand(),
  token: () => (require('./token') as typeof import('./token')).tokenCommand(),
  bench: () => (require('./bench') as typeof import('./bench')).benchCommand(),
} satisfies Record<string, () => Command>

/** The whole command line, or, if `name` is a command, only what that one needs. */
export function program(name = ''): Command {
  const loaders = Object.entries(COMMANDS).filter(([each]) => each === name || !(name in COMMANDS))
  const whole = new Command('tollgate')
    .description(
      'Billing for LLM inference gateways: prices, charges and meters model calls against prepaid credits.',
    )
    .version(version)
    .addHelpText('after', examples)
  for (const [, load] of loaders) whole.addCommand(load())
  return whole
}
