import { Command } from 'commander'
import { printJson } from '../print'
import { showReceipt } from '../receipt/showReceipt'
import { askServer, type RemoteOptions, withRemoteOptions } from '../remote'

export function holdSettleCommand(): Command {
  return withRemoteOptions(
    new Command('settle')
      .description('end a stream now: charge its last report, and release the rest of its hold')
      .argument('<user>')
      .argument('<hold>', 'as `tollgate holds list` shows it'),
  ).action((userId: string, holdId: string, options: RemoteOptions) =>
    askServer(options, async (client) => {
      const { charge } = await client.settleHold({ userId, holdId })
      if (options.json) printJson(charge)
      else if (charge !== null) showReceipt(charge)
    }),
  )
}
