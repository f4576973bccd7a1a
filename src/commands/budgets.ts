import { Command } from 'commander'
import { budgetDeleteCommand } from './budgets/delete'
import { budgetsListCommand } from './budgets/list'
import { budgetPutCommand } from './budgets/put'
import { budgetsUsageCommand } from './budgets/usage'

const examples = `
Examples:
  $ tollgate budgets put acme research --limit 500 --window month --label team=research
  $ tollgate budgets put acme keys --limit 50 --window month --by api-key
  $ tollgate budgets usage acme`

export function budgetsCommand(): Command {
  return new Command('budgets')
    .description('cap what a user’s calls cost, for each API key, label, model or provider')
    .addCommand(budgetPutCommand())
    .addCommand(budgetsListCommand())
    .addCommand(budgetsUsageCommand())
    .addCommand(budgetDeleteCommand())
    .addHelpText('after', examples)
}
