import { Command } from 'commander'
import { printJson } from '../print'
import { askServer, type RemoteOptions, withRemoteOptions } from '../remote'
import { showFailure } from './showFailure'

const examples = `
Examples:
  $ tollgate failures retry ada fl_0123456789abcdef0123456789abcdef`

export function failureRetryCommand(): Command {
  return withRemoteOptions(
    new Command('retry')
      .description('retry the deduction under its own key and at its own price')
      .argument('<user>')
      .argument('<failure>', 'as `tollgate failures list` shows it'),
  )
    .addHelpText('after', examples)
    .action((userId: string, failureId: string, options: RemoteOptions) =>
      askServer(options, async (client) => {
        const { failure } = await client.retryDeductionFailure({ userId, failureId })
        if (options.json) printJson(failure)
        else if (failure !== null) showFailure(failure)
      }),
    )
}
