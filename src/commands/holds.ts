import { Command } from 'commander'
import { holdsListCommand } from './holds/list'
import { holdSettleCommand } from './holds/settle'

const examples = `
Examples:
  $ tollgate holds list
  $ tollgate holds settle ada hd_0123456789abcdef0123456789abcdef`

export function holdsCommand(): Command {
  return new Command('holds')
    .description('list the holds of open streams, and end a stuck one')
    .addCommand(holdsListCommand())
    .addCommand(holdSettleCommand())
    .addHelpText('after', examples)
}
