import { Command } from 'commander'
import { printJson } from '../print'
import { askServer, type RemoteOptions, withRemoteOptions } from '../remote'
import { showDecided } from './changes'

export function approveCommand(): Command {
  return decideCommand('approve', 'put a change that was held back into force, now')
}

export function rejectCommand(): Command {
  return decideCommand('reject', 'leave the old price in force, however often the list says otherwise')
}

function decideCommand(name: 'approve' | 'reject', description: string): Command {
  return withRemoteOptions(
    new Command(name).description(description).argument('<change>', 'its id, from `tollgate prices changes`'),
  )
    .addHelpText('after', `\nExample:\n  $ tollgate prices ${name} pc_0123456789abcdef0123456789abcdef`)
    .action((changeId: string, options: RemoteOptions) =>
      askServer(options, async (client) => {
        const answer = await client.decidePriceChange({ changeId, approve: name === 'approve' })
        if (options.json) printJson(answer)
        else if (answer.change !== null) showDecided(answer.change)
      }),
    )
}
