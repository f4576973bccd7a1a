import { Command } from 'commander'
import { printJson } from './print'
import { showReceipt } from './receipt/showReceipt'
import { askServer, type RemoteOptions, withRemoteOptions } from './remote'

const examples = `
Examples:
  $ tollgate receipt ada ch_0123456789abcdef0123456789abcdef
  $ tollgate receipt ada call-1 --json`

export function receiptCommand(): Command {
  return withRemoteOptions(
    new Command('receipt')
      .description('show a charge: usage, price, line items and status')
      .argument('<user>')
      .argument('<charge or key>', 'its id, or the idempotency key that it was made under'),
  )
    .addHelpText('after', examples)
    .action((userId: string, name: string, options: RemoteOptions) =>
      askServer(options, async (client) => {
        const by = /^ch_[0-9a-f]{32}$/.test(name) ? { chargeId: name } : { idempotencyKey: name }
        const { charge } = await client.getCharge({ userId, ...by })
        if (options.json) printJson(charge)
        else if (charge !== null) showReceipt(charge)
      }),
    )
}
