import { Command } from 'commander'
import { print, printJson, timeOf } from '../print'
import { askServer, type RemoteOptions, withRemoteOptions } from '../remote'

const examples = `
Example:
  $ tollgate prices end my-model --provider acme`

export function endCommand(): Command {
  return withRemoteOptions(
    new Command('end')
      .description('end a price that was put, so that the other sources count again')
      .argument('<model>')
      .option('--provider <provider>', 'the one it was put for; without it, the price for any provider', ''),
  )
    .addHelpText('after', examples)
    .action((model: string, options: RemoteOptions & { provider: string }) =>
      askServer(options, async (client) => {
        const answer = await client.endPrice({ model, provider: options.provider })
        if (options.json) printJson(answer)
        else print(`Ended ${answer.price?.priceId} at ${timeOf(answer.price?.effectiveTo ?? null)}.`)
      }),
    )
}
