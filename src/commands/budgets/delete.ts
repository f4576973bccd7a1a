import { Command } from 'commander'
import { askUnderKey, type KeyedOptions, withKeyedOptions } from '../keyed'
import { print, printable, printJson } from '../print'

const examples = `
Example:
  $ tollgate budgets delete acme research`

export function budgetDeleteCommand(): Command {
  return withKeyedOptions(
    new Command('delete')
      .description('end a budget: nothing counts on it any more')
      .argument('<user>')
      .argument('<budget>'),
  )
    .addHelpText('after', examples)
    .action((userId: string, budgetId: string, options: KeyedOptions) =>
      askUnderKey(options, async (client, idempotencyKey) => {
        const answer = await client.deleteBudget({ userId, budgetId, idempotencyKey })
        if (options.json) printJson(answer)
        else print(printable(`Deleted ${budgetId} of ${userId}.`))
      }),
    )
}
