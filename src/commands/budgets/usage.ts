import { Command } from 'commander'
import type { BudgetUsage__Output } from '../../wire/generated/tollgate/billing/v1/BudgetUsage'
import { type ListOptions, showList, withListOptions } from '../lists'
import { timeOption } from '../options'
import { timeOf, type WireTime } from '../print'
import { askServer } from '../remote'
import { usdOf } from '../users/showUser'

const examples = `
Examples:
  $ tollgate budgets usage acme
  $ tollgate budgets usage acme --budget keys --all --json
  $ tollgate budgets usage acme --budget research --at 2026-10-31`

export function budgetsUsageCommand(): Command {
  return withListOptions(
    new Command('usage')
      .description('what each counter of a user’s budgets has spent and holds, in the window that runs')
      .argument('<user>')
      .option('--budget <budget>', 'only this one', '')
      .option('--at <time>', 'in the window of another time than now', timeOption),
  )
    .addHelpText('after', examples)
    .action((userId: string, options: ListOptions & { budget: string; at?: WireTime }) =>
      askServer(options, (client) => {
        const { budget: budgetId, at } = options
        return showList(
          options,
          async (page) => {
            const request = { userId, budgetId, ...(at !== undefined && { at }), ...page }
            const { usages, nextPageToken } = await client.listBudgetUsage(request)
            return { items: usages, nextPageToken }
          },
          {
            head: ['budget', 'group', 'spent>', 'held>', 'limit>', 'used>', 'from', 'until'],
            row: rowOf,
            none: 'Nothing was counted in that window.',
          },
        )
      }),
    )
}

function rowOf(usage: BudgetUsage__Output): string[] {
  return [
    usage.budgetId,
    usage.groupValues.map((value) => (value === '' ? '(none)' : value)).join(', '),
    usdOf(usage.spentNanousd),
    usdOf(usage.heldNanousd),
    usdOf(usage.limitNanousd),
    usedOf(usage),
    timeOf(usage.windowFrom),
    usage.windowTo === null ? '' : timeOf(usage.windowTo),
  ]
}

/** Of the limit, in whole percents, rounded down: 100 % is never shown too early. */
function usedOf({ spentNanousd, heldNanousd, limitNanousd }: BudgetUsage__Output): string {
  if (limitNanousd === '0') return ''
  return `${((BigInt(spentNanousd) + BigInt(heldNanousd)) * 100n) / BigInt(limitNanousd)} %`
}
