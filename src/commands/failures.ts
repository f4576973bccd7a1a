import { Command } from 'commander'
import { failuresListCommand } from './failures/list'
import { failureRetryCommand } from './failures/retry'
import { failureWriteOffCommand } from './failures/writeOff'

const examples = `
Examples:
  $ tollgate failures list
  $ tollgate failures list --user ada --state all --json
  $ tollgate failures retry ada fl_0123456789abcdef0123456789abcdef
  $ tollgate failures write-off ada fl_0123456789abcdef0123456789abcdef --note "goodwill"`

export function failuresCommand(): Command {
  return new Command('failures')
    .description('show and resolve finished calls that could not be deducted')
    .addCommand(failuresListCommand())
    .addCommand(failureRetryCommand())
    .addCommand(failureWriteOffCommand())
    .addHelpText('after', examples)
}
