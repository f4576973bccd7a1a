import { Command } from 'commander'
import { type ListOptions, showList, withListOptions } from './lists'
import { print, printable, printJson } from './print'
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
  return withListOptions(new Command('list').description('every alias, and what it stands for')).action(
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
