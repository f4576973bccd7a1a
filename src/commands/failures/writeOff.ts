import { Command } from 'commander'
import { printJson } from '../print'
import { askServer, type RemoteOptions, withRemoteOptions } from '../remote'
import { showFailure } from './showFailure'

interface WriteOffOptions extends RemoteOptions {
  note: string
}

const examples = `
Examples:
  $ tollgate failures write-off ada fl_0123456789abcdef0123456789abcdef --note "goodwill, ticket 4711"`

export function failureWriteOffCommand(): Command {
  return withRemoteOptions(
    new Command('write-off')
      .description('give up the debt: it is never deducted, and its key is used up')
      .argument('<user>')
      .argument('<failure>', 'as `tollgate failures list` shows it')
      .requiredOption('--note <text>', 'why, for later questions'),
  )
    .addHelpText('after', examples)
    .action((userId: string, failureId: string, options: WriteOffOptions) =>
      askServer(options, async (client) => {
        const { note } = options
        const { failure } = await client.writeOffDeductionFailure({ userId, failureId, note })
        if (options.json) printJson(failure)
        else if (failure !== null) showFailure(failure)
      }),
    )
}
