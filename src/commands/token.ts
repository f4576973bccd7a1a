import { Command } from 'commander'
import { tokenCreateCommand } from './token/create'

export function tokenCommand(): Command {
  return new Command('token')
    .description('what callers show to get in, see TOLLGATE_TOKENS_FILE')
    .addCommand(tokenCreateCommand())
}
