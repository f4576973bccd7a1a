import { Command } from 'commander'
import { spoolDrainCommand } from './spool/drain'
import { spoolListCommand } from './spool/list'

export function spoolCommand(): Command {
  return new Command('spool')
    .description('charges that a server keeps on its disk until the database takes them')
    .addCommand(spoolListCommand())
    .addCommand(spoolDrainCommand())
}
