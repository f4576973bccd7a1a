import { Command } from 'commander'
import { formatUsd } from '../domain/money'
import type { PriceQuoteResponse__Output } from '../wire/generated/tollgate/billing/v1/PriceQuoteResponse'
import { type CallOptions, callOf, withCallOptions } from './callOptions'
import { countOption } from './options'
import { percentOf, sourceOf } from './prices/showPrice'
import { print, printable, printJson, timeOf } from './print'
import { showLineItems } from './receipt/lineItems'
import { askServer, type RemoteOptions, withRemoteOptions } from './remote'

interface QuoteOptions extends RemoteOptions, CallOptions {
  maxOutput: string
  user: string
}

const examples = `
Examples:
  $ tollgate quote gpt-5 --provider openai --input 12000 --output 800
  $ tollgate quote claude-sonnet-4-5 --provider anthropic --input 2000 --max-output 4000 --user ada`

/** `tollgate quote`: what a call would cost. */
export function quoteCommand(): Command {
  return withRemoteOptions(
    withCallOptions(new Command('quote'))
      .description('show what a call would cost, and whether a user can pay it')
      .argument('<model>', 'as a gateway would name it')
      .option('--max-output <tokens>', 'the longest that the output may be', countOption, '0')
      .option('--user <user>', 'who would pay', ''),
  )
    .addHelpText('after', examples)
    .action((model: string, options: QuoteOptions) =>
      askServer(options, async (client) => {
        const answer = await client.priceQuote({
          model,
          ...callOf(options),
          maxOutputTokens: options.maxOutput,
          userId: options.user,
        })
        if (options.json) printJson(answer)
        else showQuote(answer, options)
      }),
    )
}

function showQuote(quote: PriceQuoteResponse__Output, { maxOutput, user }: QuoteOptions): void {
  const { price, costNanousd, maxCostNanousd, lineItems, balance } = quote
  if (lineItems.length > 0) {
    showLineItems(lineItems)
    print('')
  }
  print(
    `cost: ${formatUsd(BigInt(costNanousd))}${price === null ? '' : `, markup of ${percentOf(price.markupBasisPoints)} included`}`,
  )
  if (maxOutput !== '0') print(`with ${maxOutput} output tokens: ${formatUsd(BigInt(maxCostNanousd))}`)
  if (price !== null) {
    const at = price.provider === '' ? 'any provider' : price.provider
    print(`price: ${printable(`${price.model} at ${at}`)} (${sourceOf(price)}), ${price.priceId}`)
  }
  if (balance !== null) {
    const available = formatUsd(BigInt(balance.availableNanousd))
    print(
      `${printable(user)} has ${available}, which ${quote.affordable ? 'pays it' : `pays ${quote.affordableOutputTokens} output tokens of it`}`,
    )
  }
  print(`quote: ${quote.quoteId}\ngood until ${timeOf(quote.expiresAt)}`)
}
