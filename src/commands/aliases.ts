import { Command } from 'commander'
import type { TollgateClient } from '../client/connect'
import { everyItem } from './lists'
import { note, print, printable, printJson, printTable } from './print'
import { askServer, type RemoteOptions, withRemoteOptions } from './remote'

const examples = `
Examples:
  $ tollgate aliases put house-model openai/gpt-5
  $ tollgate aliases list
  $ tollgate aliases remove house-model`

/** Names that stand for models, at a running server. */
export function aliasesCommand(): Command {
  return new Command('aliases')
    .description('look at and set names that stand for models')
    .addCommand(listCommand())
    .addCommand(putCommand())
    .addCommand(removeCommand())
    .addHelpText('after', examples)
}

function listCommand(): Command {
  return withRemoteOptions(new Command('list').description('every alias, and what it stands for')).action(
    (options: RemoteOptions) =>
      askServer(options, async (client) => {
        const aliases = await everyAlias(client)
        if (options.json) printJson({ aliases })
        else if (Object.keys(aliases).length === 0) note('There are no aliases.')
        else printTable(['alias', 'model'], Object.entries(aliases))
      }),
  )
}

async function everyAlias(client: TollgateClient): Promise<Record<string, string>> {
  const aliases: Record<string, string> = {}
  const everyOne = everyItem(async (page) => {
    const { aliases: named, nextPageToken } = await client.listAliases(page)
    return { items: Object.entries(named), nextPageToken }
  })
  for await (const [alias, model] of everyOne) aliases[alias] = model
  return aliases
}

function putCommand(): Command {
  const command = new Command('put')
    .description('make a name stand for a model, or for an alias of one')
    .argument('<alias>')
    .argument('<model>')
  return withRemoteOptions(command).action((alias: string, model: string, options: RemoteOptions) =>
    askServer(options, async (client) => {
      const answer = await client.putAlias({ alias, model })
      if (options.json) printJson(answer)
      else print(printable(`${alias} stands for ${model}.`))
    }),
  )
}

function removeCommand(): Command {
  const command = new Command('remove').description('let a name stand for itself again').argument('<alias>')
  return withRemoteOptions(command).action((alias: string, options: RemoteOptions) =>
    askServer(options, async (client) => {
      const answer = await client.putAlias({ alias, model: '' })
      if (options.json) printJson(answer)
      else print(printable(`${alias} stands for itself.`))
    }),
  )
}
