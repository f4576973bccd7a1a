import { Command } from 'commander'
import { timeOption } from '../options'
import { printJson, type WireTime } from '../print'
import { askServer, type RemoteOptions, withRemoteOptions } from '../remote'
import { showPrice } from './showPrice'

const examples = `
Examples:
  $ tollgate prices show gpt-5 --provider openai
  $ tollgate prices show o3 --provider openai --at 2025-06-09`

export function showCommand(): Command {
  return withRemoteOptions(
    new Command('show')
      .description('the price that a call of this model would have, with all its rates')
      .argument('<model>', 'as a gateway would name it')
      .option('--provider <provider>', 'who serves it; needed where their prices differ', '')
      .option('--at <time>', 'at another time than now', timeOption),
  )
    .addHelpText('after', examples)
    .action((model: string, options: RemoteOptions & { provider: string; at?: WireTime }) =>
      askServer(options, async (client) => {
        const { provider, at } = options
        const answer = await client.getPrice({ model, provider, ...(at !== undefined && { at }) })
        if (options.json) printJson(answer)
        else if (answer.price !== null) showPrice(answer.price)
      }),
    )
}
