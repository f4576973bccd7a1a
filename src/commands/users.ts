import { Command } from 'commander'
import { userCreateCommand } from './users/create'
import { userGetCommand } from './users/get'
import { usersListCommand } from './users/list'

const examples = `
Examples:
  $ tollgate users create ada --tier pro --daily-limit 50
  $ tollgate users get ada
  $ tollgate users list --json --all`

/** Users of a running server, over gRPC. */
export function usersCommand(): Command {
  return new Command('users')
    .description('look at users, their balances and limits, and make new ones')
    .addCommand(usersListCommand())
    .addCommand(userGetCommand())
    .addCommand(userCreateCommand())
    .addHelpText('after', examples)
}
