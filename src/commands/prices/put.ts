import { readFileSync } from 'node:fs'
import { Command, InvalidArgumentError } from 'commander'
import { perOf } from '../../domain/rating/rateCards'
import { METERS } from '../../rpc/fields/enums'
import { SetupError } from '../../setupError'
import type { Rate as WireRate } from '../../wire/generated/tollgate/billing/v1/Rate'
import type { RateCard } from '../../wire/generated/tollgate/billing/v1/RateCard'
import { timeOption, usdOption, wholeOption } from '../options'
import { printJson, type WireTime } from '../print'
import { askServer, type RemoteOptions, withRemoteOptions } from '../remote'
import { showPrice } from './showPrice'

type MeterName = keyof typeof METERS.values

/** The rates that most prices have, by the option that sets them. */
const METER_OF_OPTION = {
  input: 'METER_INPUT_TOKENS',
  cacheRead: 'METER_CACHE_READ_INPUT_TOKENS',
  cacheWrite: 'METER_CACHE_CREATION_INPUT_TOKENS',
  output: 'METER_OUTPUT_TOKENS',
} as const satisfies Record<string, MeterName>

interface PutOptions extends RemoteOptions, Partial<Record<keyof typeof METER_OF_OPTION, bigint>> {
  provider: string
  rate: ReadonlyMap<MeterName, bigint>
  unit: readonly WireRate[]
  cards?: string
  markup?: number
  from?: WireTime
}

const examples = `
Examples:
  $ tollgate prices put my-model --input 0.25 --output 1.25
  $ tollgate prices put my-model --provider acme --input 3 --output 15 --rate WEB_SEARCHES=0.01 --markup 250
  $ tollgate prices put my-painter --unit image=0.04 --unit image/hd=0.08
  $ tollgate prices show gpt-5 --provider openai --json > gpt-5.json      (edit it, then)
  $ tollgate prices put gpt-5 --provider openai --cards gpt-5.json`

export function putCommand(): Command {
  return withRemoteOptions(
    new Command('put')
      .description('set a price, in US dollars per 1M tokens; it wins over every other source')
      .argument('<model>')
      .option('--provider <provider>', 'for this one; without it, for any', '')
      .option('--input <usd>', 'input tokens', usdOption)
      .option('--output <usd>', 'output tokens', usdOption)
      .option('--cache-read <usd>', 'input tokens read from the cache; without it, as input', usdOption)
      .option('--cache-write <usd>', 'input tokens written to the cache; without it, as input', usdOption)
      .option(
        '--rate <meter=usd>',
        'any other meter, such as WEB_SEARCHES=0.01 (each); repeatable',
        addRate,
        new Map(),
      )
      .option(
        '--unit <name=usd>',
        'a named unit, such as image/hd=0.08, each; or for many: character=15/1000000; repeatable',
        addUnit,
        [],
      )
      .option('--cards <file>', 'rate cards from JSON instead, as `prices show --json` prints them')
      .option('--markup <basis points>', 'instead of the deployment’s', wholeOption)
      .option('--from <time>', 'in force from then; default: now', timeOption),
  )
    .addHelpText('after', examples)
    .action((model: string, options: PutOptions) =>
      askServer(options, async (client) => {
        const { provider, markup, from } = options
        const answer = await client.putPrice({
          model,
          provider,
          rateCards: cardsOf(options),
          ...(markup !== undefined && { markupBasisPoints: markup }),
          ...(from !== undefined && { effectiveFrom: from }),
        })
        if (options.json) printJson(answer)
        else if (answer.price !== null) showPrice(answer.price)
      }),
    )
}

function addRate(text: string, rates: ReadonlyMap<MeterName, bigint>): ReadonlyMap<MeterName, bigint> {
  const [name = '', usd = ''] = text.split('=')
  const meter = `METER_${name.toUpperCase()}`
  if (!isMeter(meter)) {
    const meters = Object.values(METERS.values).join(', ')
    throw new InvalidArgumentError(`It must be METER=USD, with one of the meters ${meters}.`)
  }
  return new Map([...rates, [meter, usdOption(usd)]])
}

function addUnit(text: string, units: readonly WireRate[]): readonly WireRate[] {
  const match = /^([^=]+)=([^=/]+)(?:\/(\d{1,7}))?$/.exec(text)
  if (match === null)
    throw new InvalidArgumentError('It must be NAME=USD or NAME=USD/NUMBER, such as image/hd=0.08.')
  const [, unit = '', usd = '', per = '1'] = match
  return [...units, { unit, priceNanousd: usdOption(usd).toString(), per }]
}

function isMeter(name: string): name is MeterName {
  return Object.hasOwn(METERS.values, name)
}

function cardsOf(options: PutOptions): RateCard[] {
  const rates = new Map(options.rate)
  for (const [name, meter] of Object.entries(METER_OF_OPTION)) {
    const usd = options[name as keyof typeof METER_OF_OPTION]
    if (usd !== undefined) rates.set(meter, usd)
  }
  if (options.cards === undefined) {
    if (rates.size + options.unit.length === 0)
      throw new SetupError('say the price: with --input and --output, with --unit, or with --cards')
    const ofMeters = [...rates].map(([meter, priceNanousd]) => ({
      meter,
      priceNanousd: priceNanousd.toString(),
      per: perOf(METERS.values[meter]).toString(),
    }))
    return [{ rates: [...ofMeters, ...options.unit] }]
  }
  if (rates.size + options.unit.length > 0)
    throw new SetupError('say the price either with --cards or with the rates, not with both')
  return readCards(options.cards)
}

/** An array of cards, or something that has one; whether they make a price is the server's to say. */
function readCards(path: string): RateCard[] {
  const json: unknown = parsed(path)
  const price = field(json, 'price') ?? json
  const cards = Array.isArray(price) ? price : field(price, 'rateCards')
  if (!Array.isArray(cards))
    throw new SetupError(`${path} has no rate cards, such as \`prices show --json\` prints`)
  return cards as RateCard[]
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
}

function parsed(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new SetupError(`${path} can't be read as JSON: ${(error as Error).message}`)
  }
}
