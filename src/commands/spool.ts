import { Command } from 'commander'
import { spoolDrainCommand } from './spool/drain'
import { spoolListCommand } from './spool/list'

export function spoolCommand(): Command {
  return new Command('spool')
    .description('show and drain charges that a server keeps on disk until the database accepts them')
    .addCommand(spoolListCommand())
    .addCommand(spoolDrainCommand())
}
