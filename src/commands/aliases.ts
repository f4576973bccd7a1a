import { Command } from 'commander'
import { type ListOptions, showList, withListOptions } from './lists'
import { print, printable, printJson } from './print'
import { askServer, type RemoteOptions, withRemoteOptions } from './remote'

const examples = `
Examples:
  $ tollgate aliases put house-model openai/gpt-5
  $ tollgate aliases list
  $ tollgate aliases remove house-model`

/** `tollgate aliases`: names for models. */
export function aliasesCommand(): Command {
  return new Command('aliases')
    .description('show and set aliases of models')
    .addCommand(listCommand())
    .addCommand(putCommand())
    .addCommand(removeCommand())
    .addHelpText('after', examples)
}

function listCommand(): Command {
  return withListOptions(new Command('list').description('list aliases and their models')).action(
    (options: ListOptions) =>
      askServer(options, (client) =>
        showList(
          options,
          async (page) => {
            const { aliases, nextPageToken } = await client.listAliases(page)
            return {
              items: Object.entries(aliases).map(([alias, model]) => ({ alias, model })),
              nextPageToken,
            }
          },
          {
            head: ['alias', 'model'],
            row: ({ alias, model }) => [alias, model],
            none: 'There are no aliases.',
          },
        ),
      ),
  )
}

function putCommand(): Command {
  const command = new Command('put')
    .description('set an alias for a model, or for another alias')
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
  const command = new Command('remove').description('remove an alias').argument('<alias>')
  return withRemoteOptions(command).action((alias: string, options: RemoteOptions) =>
    askServer(options, async (client) => {
      const answer = await client.putAlias({ alias, model: '' })
      if (options.json) printJson(answer)
      else print(printable(`${alias} stands for itself.`))
    }),
  )
}
