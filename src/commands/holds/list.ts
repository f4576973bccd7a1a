import { Command } from 'commander'
import { type ListOptions, showList, withListOptions } from '../lists'
import { timeOf } from '../print'
import { askServer } from '../remote'
import { usdOf } from '../users/showUser'

const examples = `
Examples:
  $ tollgate holds list
  $ tollgate holds list --user ada --json`

export function holdsListCommand(): Command {
  return withListOptions(
    new Command('list')
      .description('list open streams, by user')
      .option('--user <user>', 'only this one’s', ''),
  )
    .addHelpText('after', examples)
    .action((options: ListOptions & { user: string }) =>
      askServer(options, (client) =>
        showList(
          options,
          async (page) => {
            const { holds, nextPageToken } = await client.listHolds({ userId: options.user, ...page })
            return { items: holds, nextPageToken }
          },
          {
            head: ['user', 'hold', 'model', 'held>', 'input>', 'output>', 'opened', 'expires'],
            row: (hold) => [
              hold.userId,
              hold.holdId,
              hold.model,
              usdOf(hold.heldNanousd),
              hold.usage?.inputTokens ?? '0',
              hold.usage?.outputTokens ?? '0',
              timeOf(hold.openedAt),
              timeOf(hold.expiresAt),
            ],
            none: 'No streams are open.',
          },
        ),
      ),
    )
}
