import { Command } from 'commander'
import { userCreateCommand } from './users/create'
import { userGetCommand } from './users/get'
import { usersListCommand } from './users/list'
import { userUpdateCommand } from './users/update'

const examples = `
Examples:
  $ tollgate users create ada --tier pro --daily-limit 50
  $ tollgate users get ada
  $ tollgate users update ada --daily-limit 200
  $ tollgate users list --json --all`

/** Users of a running server, over gRPC. */
export function usersCommand(): Command {
  return new Command('users')
    .description('show, create and change users, their balances and limits')
    .addCommand(usersListCommand())
    .addCommand(userGetCommand())
    .addCommand(userCreateCommand())
    .addCommand(userUpdateCommand())
    .addHelpText('after', examples)
}
