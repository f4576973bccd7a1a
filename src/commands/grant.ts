import { Command, Option } from 'commander'
import { SetupError } from '../setupError'
import { askUnderKey, type KeyedOptions, withKeyedOptions } from './keyed'
import { signedUsdOption } from './options'
import { print, printable, printJson } from './print'
import { usdOf } from './users/showUser'

const POTS = { credits: 'POT_CREDITS', allowance: 'POT_ALLOWANCE' } as const

interface GrantOptions extends KeyedOptions {
  pot: keyof typeof POTS
  set?: true
  reason: string
}

const examples = `
Examples:
  $ tollgate grant ada 25 --reason "invoice 2026-114"
  $ tollgate grant ada 20 --pot allowance --set --key renewal-2026-12
  $ tollgate grant ada -5 --reason "granted twice"`

export function grantCommand(): Command {
  return withKeyedOptions(
    new Command('grant')
      .description('add credits or allowance, once per key')
      .argument('<user>')
      .argument('<usd>', 'US dollars, such as 25 or 0.0375; negative to take credits back', signedUsdOption)
      .addOption(new Option('--pot <pot>', 'which to change').choices(Object.keys(POTS)).default('credits'))
      .option('--set', 'make the pot equal to the amount, as at the renewal of an allowance')
      .option('--reason <text>', 'kept in the ledger', ''),
  )
    .addHelpText('after', examples)
    .action((userId: string, amountNanousd: bigint, options: GrantOptions) => {
      if (amountNanousd === 0n && !options.set)
        throw new SetupError('a grant of 0 changes nothing; with --set, it empties the pot')
      return askUnderKey(options, async (client, idempotencyKey) => {
        const answer = await client.grantCredits({
          idempotencyKey,
          userId,
          pot: POTS[options.pot],
          amountNanousd: amountNanousd.toString(),
          reason: options.reason,
          mode: options.set ? 'GRANT_MODE_SET' : 'GRANT_MODE_UNSPECIFIED',
        })
        if (options.json) printJson(answer)
        else {
          const balance = answer.entry?.balance
          const again = answer.replayed ? 'It had been done before. ' : ''
          print(
            `${again}${printable(userId)} has ${usdOf(balance?.allowanceNanousd)} of allowance and ` +
              `${usdOf(balance?.creditsNanousd)} of credits, ${usdOf(balance?.availableNanousd)} available.`,
          )
        }
      })
    })
}
