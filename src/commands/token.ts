import { Command } from 'commander'
import { tokenCreateCommand } from './token/create'

export function tokenCommand(): Command {
  return new Command('token')
    .description('create tokens for callers, see TOLLGATE_TOKENS_FILE')
    .addCommand(tokenCreateCommand())
}
