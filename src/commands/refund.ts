import { Command, InvalidArgumentError } from 'commander'
import { askUnderKey, type KeyedOptions, withKeyedOptions } from './keyed'
import { usdOption } from './options'
import { print, printable, printJson } from './print'
import { usdOf } from './users/showUser'

interface RefundOptions extends KeyedOptions {
  amount?: bigint
  reason: string
}

const examples = `
Examples:
  $ tollgate refund ada ch_0123456789abcdef0123456789abcdef --reason "answered in the wrong language"
  $ tollgate refund ada ch_0123456789abcdef0123456789abcdef --amount 0.25 --key ticket-4711`

export function refundCommand(): Command {
  return withKeyedOptions(
    new Command('refund')
      .description('refund a charge to the pots that paid it, once per key')
      .argument('<user>')
      .argument('<charge>', 'its id, as `tollgate ledger` shows it')
      .option('--amount <usd>', 'a part of it; default: all that is left', amountOption)
      .option('--reason <text>', 'kept in the ledger', ''),
  )
    .addHelpText('after', examples)
    .action((userId: string, chargeId: string, options: RefundOptions) =>
      askUnderKey(options, async (client, idempotencyKey) => {
        const answer = await client.refundCharge({
          idempotencyKey,
          userId,
          chargeId,
          amountNanousd: (options.amount ?? 0n).toString(),
          reason: options.reason,
        })
        if (options.json) printJson(answer)
        else if (answer.entry !== null) {
          const { allowanceDeltaNanousd, creditsDeltaNanousd, balance } = answer.entry
          print(
            `${answer.replayed ? 'It had been given back before. ' : ''}${printable(userId)} got back ` +
              `${usdOf(allowanceDeltaNanousd)} of allowance and ${usdOf(creditsDeltaNanousd)} of credits, ` +
              `and has ${usdOf(balance?.availableNanousd)} available.`,
          )
        }
      }),
    )
}

/** On the wire, an absent amount means everything that is left. */
function amountOption(text: string): bigint {
  const amount = usdOption(text)
  if (amount <= 0n)
    throw new InvalidArgumentError('must be more than 0; leave it out to give back all that is left')
  return amount
}
