import { Command, Option } from 'commander'
import type { TollgateClient } from '../../client/connect'
import type { Price__Output } from '../../wire/generated/tollgate/billing/v1/Price'
import { everyItem } from '../lists'
import { note, printJson, printTable } from '../print'
import { askServer, type RemoteOptions, withRemoteOptions } from '../remote'
import { rateOf, sourceOf } from './showPrice'

const SOURCES = ['operator', 'live', 'stored', 'catalog', 'default', 'free']

const examples = `
Examples:
  $ tollgate prices list gpt-5
  $ tollgate prices list --source operator --json`

export function listCommand(): Command {
  return withRemoteOptions(
    new Command('list')
      .description('prices in force now, in US dollars per 1M tokens before markup')
      .argument('[prefix]', 'of the models to list', '')
      .option('--provider <provider>', 'only this one’s')
      .addOption(new Option('--source <source>', 'only from there').choices(SOURCES)),
  )
    .addHelpText('after', examples)
    .action((prefix: string, options: RemoteOptions & Wanted) =>
      askServer(options, async (client) => {
        const prices = (await everyPrice(client, prefix)).filter((price) => isWanted(price, options))
        if (options.json) printJson({ prices })
        else showPrices(prices)
      }),
    )
}

interface Wanted {
  provider?: string
  source?: string
}

function isWanted(price: Price__Output, { provider = price.provider, source }: Wanted): boolean {
  return price.provider === provider && (source === undefined || sourceOf(price) === source)
}

async function everyPrice(client: TollgateClient, modelPrefix: string): Promise<Price__Output[]> {
  const prices: Price__Output[] = []
  const everyOne = everyItem(async (page) => {
    const { prices: items, nextPageToken } = await client.listPrices({ modelPrefix, ...page })
    return { items, nextPageToken }
  })
  for await (const price of everyOne) prices.push(price)
  return prices
}

function showPrices(prices: readonly Price__Output[]): void {
  if (prices.length === 0) {
    note('No prices are in force for that.')
    return
  }
  printTable(
    ['model', 'provider', 'source', 'input>', 'cache read>', 'cache write>', 'output>', ''],
    prices.map((price) => {
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
    }),
  )
}
