import { Command } from 'commander'
import { type ListOptions, showList, withListOptions } from '../lists'
import { askServer } from '../remote'
import { standingOf, usdOf } from './showUser'

const examples = `
Examples:
  $ tollgate users list
  $ tollgate users list acme- --all --json`

export function usersListCommand(): Command {
  return withListOptions(
    new Command('list')
      .description('list users and their balances, by id')
      .argument('[prefix]', 'of the ids', ''),
  )
    .addHelpText('after', examples)
    .action((userIdPrefix: string, options: ListOptions) =>
      askServer(options, (client) =>
        showList(
          options,
          async (page) => {
            const { users, nextPageToken } = await client.listUsers({ userIdPrefix, ...page })
            return { items: users, nextPageToken }
          },
          {
            head: ['user', 'tier', 'allowance>', 'credits>', 'held>', 'available>', 'spent today>', ''],
            row: (user) => [
              user.userId,
              user.tier,
              usdOf(user.balance?.allowanceNanousd),
              usdOf(user.balance?.creditsNanousd),
              usdOf(user.balance?.heldNanousd),
              usdOf(user.balance?.availableNanousd),
              usdOf(user.balance?.spentTodayNanousd),
              standingOf(user),
            ],
            none: 'There are no such users.',
          },
        ),
      ),
    )
}
