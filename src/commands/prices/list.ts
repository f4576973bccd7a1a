import { Command, Option } from 'commander'
import type { Price__Output } from '../../wire/generated/tollgate/billing/v1/Price'
import { type ListOptions, showList, withListOptions } from '../lists'
import { askServer } from '../remote'
import { rateOf, sourceOf } from './showPrice'

const SOURCES = ['operator', 'live', 'stored', 'catalog', 'default', 'free']

const examples = `
Examples:
  $ tollgate prices list gpt-5
  $ tollgate prices list --source operator --all --json`

interface PricesOptions extends ListOptions {
  provider?: string
  source?: string
}

export function listCommand(): Command {
  return withListOptions(
    new Command('list')
      .description('prices in force now, in US dollars per 1M tokens before markup')
      .argument('[prefix]', 'of the models to list', '')
      .option('--provider <provider>', 'only this one’s')
      .addOption(new Option('--source <source>', 'only from there').choices(SOURCES)),
  )
    .addHelpText('after', examples)
    .action((modelPrefix: string, options: PricesOptions) =>
      askServer(options, (client) =>
        showList(
          options,
          async (page) => {
            const { prices, nextPageToken } = await client.listPrices({ modelPrefix, ...page })
            return { items: prices.filter((price) => isWanted(price, options)), nextPageToken }
          },
          {
            head: ['model', 'provider', 'source', 'input>', 'cache read>', 'cache write>', 'output>', ''],
            row: rowOf,
            none: 'No prices are in force for that.',
          },
        ),
      ),
    )
}

function isWanted(price: Price__Output, { provider = price.provider, source }: PricesOptions): boolean {
  return price.provider === provider && (source === undefined || sourceOf(price) === source)
}

function rowOf(price: Price__Output): string[] {
  const card = price.rateCards.at(-1)
  const rate = (meter: string) => (card === undefined ? '' : rateOf(card, meter))
  return [
    price.model,
    price.provider === '' ? 'any' : price.provider,
    sourceOf(price),
    rate('METER_INPUT_TOKENS'),
    rate('METER_CACHE_READ_INPUT_TOKENS'),
    rate('METER_CACHE_CREATION_INPUT_TOKENS'),
    rate('METER_OUTPUT_TOKENS'),
    price.rateCards.length > 1 ? `+ ${price.rateCards.length - 1} more, by size, tier or time` : '',
  ]
}
