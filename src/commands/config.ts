import { Command } from 'commander'
import { readConfig } from '../config/config'
import { variablesAsMarkdown } from '../config/environment'

export function configCommand(): Command {
  return new Command('config')
    .description('check the TOLLGATE_ variables of the environment')
    .option('--markdown', 'list every variable with its default as a table instead')
    .action(({ markdown = false }: { markdown?: boolean }) => {
      if (!markdown) readConfig(process.env)
      process.stdout.write(markdown ? `${variablesAsMarkdown()}\n` : 'The configuration is fine.\n')
    })
}
