import { Command } from 'commander'
import { printJson } from '../print'
import { askServer, type RemoteOptions, withRemoteOptions } from '../remote'
import { showUser } from './showUser'

const examples = `
Examples:
  $ tollgate users get ada
  $ tollgate users get ada --json`

export function userGetCommand(): Command {
  return withRemoteOptions(
    new Command('get').description('show a user with balance, limits and trial').argument('<user>'),
  )
    .addHelpText('after', examples)
    .action((userId: string, options: RemoteOptions) =>
      askServer(options, async (client) => {
        const { user } = await client.getUser({ userId })
        if (options.json) printJson(user)
        else if (user !== null) showUser(user)
      }),
    )
}
