import { Command } from 'commander'
import { ledgerHeadsCommand } from './ledger/heads'
import { ledgerListCommand } from './ledger/list'

/** `tollgate ledger ada` is `tollgate ledger list ada`. */
export function ledgerCommand(): Command {
  return new Command('ledger')
    .description("show users' ledgers")
    .addCommand(ledgerListCommand(), { isDefault: true })
    .addCommand(ledgerHeadsCommand())
}
