import { Command } from 'commander'
import { SetupError } from '../setupError'
import type { ChargeUsageRequest } from '../wire/generated/tollgate/billing/v1/ChargeUsageRequest'
import { type CallOptions, callOf, withCallOptions } from './callOptions'
import { askUnderKey, type KeyedOptions, withKeyedOptions } from './keyed'
import { labelOption, timeOption, usdOption } from './options'
import { note, printJson, type WireTime } from './print'
import { showReceipt } from './receipt/showReceipt'

interface ChargeOptions extends KeyedOptions, CallOptions {
  quote: string
  apiKey: string
  label?: Record<string, string>
  at?: WireTime
  estimated?: true
  reportedCost?: bigint
  costSource: string
}

const examples = `
Examples:
  $ tollgate charge ada gpt-5 --provider openai --input 12000 --output 800
  $ tollgate charge ada gpt-5 --provider openai --input 900 --output 80 --api-key key-7 --label team=search --key call-1
  $ tollgate charge ada my-painter --unit image/hd=2`

export function chargeCommand(): Command {
  return withKeyedOptions(
    withCallOptions(new Command('charge'))
      .description('deduct a finished call, once per key')
      .argument('<user>', 'who pays')
      .argument('<model>', 'as a gateway would name it')
      .option('--quote <quote>', 'charge at exactly this price, as `tollgate quote` gave it', '')
      .option('--api-key <id>', 'name of the key that made the call, never the key itself', '')
      .option('--label <name=value>', 'kept with the charge; repeatable', labelOption)
      .option('--at <time>', 'when the call was made; default: now', timeOption)
      .option(
        '--reported-cost <usd>',
        'what the provider says that it cost, in dollars, before markup',
        usdOption,
      )
      .option('--cost-source <source>', 'who states that cost', '')
      .option('--estimated', 'the provider reported nothing, the counts are estimates'),
  )
    .addHelpText('after', examples)
    .action((userId: string, model: string, options: ChargeOptions) => {
      if (options.input === undefined && options.output === undefined && options.unit === undefined)
        throw new SetupError('say what the call used: --input, --output or --unit; 0 where it used nothing')
      return askUnderKey(options, async (client, idempotencyKey) => {
        const answer = await client.chargeUsage({ idempotencyKey, userId, model, ...requestOf(options) })
        if (options.json) printJson(answer)
        else {
          if (answer.replayed) note('It had been charged before; this is the first receipt.')
          if (answer.charge !== null) showReceipt(answer.charge)
        }
      })
    })
}

function requestOf(options: ChargeOptions): Partial<ChargeUsageRequest> {
  const { quote, apiKey, label = {}, at, estimated, reportedCost, costSource } = options
  return {
    ...callOf(options),
    usageSource: estimated ? 'USAGE_SOURCE_ESTIMATED' : 'USAGE_SOURCE_PROVIDER',
    quoteId: quote,
    apiKeyId: apiKey,
    labels: label,
    ...(reportedCost !== undefined && {
      reportedCostNanousd: reportedCost.toString(),
      reportedCostSource: costSource,
    }),
    ...(at !== undefined && { occurredAt: at }),
  }
}
