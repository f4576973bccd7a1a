import { Command } from 'commander'
import { type ListOptions, showList, withListOptions } from '../lists'
import { askServer } from '../remote'
import { usdOf } from '../users/showUser'
import { actionOf, callsOf, groupsOf, windowOf } from './showBudget'

const examples = `
Examples:
  $ tollgate budgets list acme
  $ tollgate budgets list acme --json`

export function budgetsListCommand(): Command {
  return withListOptions(new Command('list').description('list the budgets of a user').argument('<user>'))
    .addHelpText('after', examples)
    .action((userId: string, options: ListOptions) =>
      askServer(options, (client) =>
        showList(
          options,
          async (page) => {
            const { budgets, nextPageToken } = await client.listBudgets({ userId, ...page })
            return { items: budgets, nextPageToken }
          },
          {
            head: ['budget', 'limit>', 'a', 'for each', 'of', 'action', 'reported at %'],
            row: (budget) => [
              budget.budgetId,
              usdOf(budget.limitNanousd),
              windowOf(budget.window),
              groupsOf(budget),
              callsOf(budget),
              actionOf(budget),
              budget.notifyAtPercent.join(', '),
            ],
            none: 'There are no budgets.',
          },
        ),
      ),
    )
}
