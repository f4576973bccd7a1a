import { Command } from 'commander'
import { failuresListCommand } from './failures/list'

const examples = `
Examples:
  $ tollgate failures list
  $ tollgate failures list --user ada --state all --json`

export function failuresCommand(): Command {
  return new Command('failures')
    .description('finished calls that could not be deducted')
    .addCommand(failuresListCommand())
    .addHelpText('after', examples)
}
