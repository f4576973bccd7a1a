import { Command } from 'commander'
import { formatUsd } from '../domain/money'
import type { PriceQuoteResponse__Output } from '../wire/generated/tollgate/billing/v1/PriceQuoteResponse'
import { countOption } from './options'
import { percentOf, sourceOf } from './prices/showPrice'
import { print, printable, printJson, timeOf } from './print'
import { showLineItems } from './receipt/lineItems'
import { askServer, type RemoteOptions, withRemoteOptions } from './remote'

interface QuoteOptions extends RemoteOptions {
  provider: string
  input: string
  output: string
  cacheRead: string
  cacheWrite: string
  reasoning: string
  maxOutput: string
  user: string
  tier: string
}

const examples = `
Examples:
  $ tollgate quote gpt-5 --provider openai --input 12000 --output 800
  $ tollgate quote claude-sonnet-4-5 --provider anthropic --input 2000 --max-output 4000 --user ada`

/** Asks a running server what a call would cost. */
export function quoteCommand(): Command {
  return withRemoteOptions(
    new Command('quote')
      .description('what a call would cost, and whether a user could pay it')
      .argument('<model>', 'as a gateway would name it')
      .option('--provider <provider>', 'who serves it; needed where their prices differ', '')
      .option('--input <tokens>', 'input tokens, all of them', countOption, '0')
      .option('--output <tokens>', 'output tokens, all of them', countOption, '0')
      .option('--cache-read <tokens>', 'of the input, read from the cache', countOption, '0')
      .option('--cache-write <tokens>', 'of the input, written to the cache', countOption, '0')
      .option('--reasoning <tokens>', 'of the output, reasoning', countOption, '0')
      .option('--max-output <tokens>', 'the longest that the output may be', countOption, '0')
      .option('--user <user>', 'who would pay', '')
      .option('--tier <tier>', 'service tier, such as flex', ''),
  )
    .addHelpText('after', examples)
    .action((model: string, options: QuoteOptions) =>
      askServer(options, async (client) => {
        const answer = await client.priceQuote({
          model,
          provider: options.provider,
          usage: {
            inputTokens: options.input,
            outputTokens: options.output,
            cacheReadInputTokens: options.cacheRead,
            cacheCreationInputTokens: options.cacheWrite,
            reasoningOutputTokens: options.reasoning,
          },
          maxOutputTokens: options.maxOutput,
          userId: options.user,
          serviceTier: options.tier,
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
