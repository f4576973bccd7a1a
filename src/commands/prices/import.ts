import { Command, Option } from 'commander'
import { PRICE_LIST_FORMATS, type PriceListFormat, readPriceList } from '../../pricing/feeds/readPriceList'
import type { ImportPricesResponse__Output } from '../../wire/generated/tollgate/billing/v1/ImportPricesResponse'
import { note, print, printable, printJson } from '../print'
import { askServer, type RemoteOptions, withRemoteOptions } from '../remote'
import { textOf } from '../textOf'

interface ImportOptions extends RemoteOptions {
  format?: PriceListFormat
  asOperator?: true
  check?: true
}

/** A list of thousands of models is one transaction. */
const TIMEOUT_MS = 120_000
const REJECTIONS_SHOWN = 10

const examples = `
Examples:
  $ curl -s https://openrouter.ai/api/v1/models | tollgate prices import -
  $ tollgate prices import model_prices_and_context_window.json
  $ tollgate prices import model_prices_and_context_window.json --check    every rejection, without a server`

export function importCommand(): Command {
  return withRemoteOptions(
    new Command('import')
      .description('import a price list: every entry is imported, held back or rejected with its reason')
      .argument('<file>', 'the list; - = standard input')
      .addOption(
        new Option('--format <format>', 'of the list; default: what it looks like').choices(
          PRICE_LIST_FORMATS,
        ),
      )
      .option(
        '--as-operator',
        'as prices of your own, which win over every other source and are not held back',
      )
      .option('--check', 'only read the list, and say what would be rejected'),
  )
    .addHelpText('after', examples)
    .action(async (file: string, options: ImportOptions) => {
      const json = textOf(file)
      const format = options.format ?? formatOf(json)
      if (options.check) check(json, format, options)
      else await importList(json, format, options)
    })
}

async function importList(json: string, format: PriceListFormat, options: ImportOptions): Promise<void> {
  await askServer(options, async (client) => {
    note(`importing ${kilobytesOf(json)} of ${format} …`)
    const asOperator = options.asOperator ?? false
    const answer = await client.importPrices({ format, json, asOperator }, { timeoutMs: TIMEOUT_MS })
    if (options.json) printJson(answer)
    else showImport(answer)
    failWithoutPrices(Number(answer.read), Number(answer.rejected))
  })
}

function showImport({
  read,
  changed,
  unchanged,
  heldBack,
  rejected,
  rejections,
  unreadPriceFields,
}: ImportPricesResponse__Output): void {
  print(
    `read ${read}: ${changed} changed, ${unchanged} unchanged, ${heldBack} held back, ${rejected} rejected`,
  )
  if (heldBack !== '0') print('\nHeld back until you decide: tollgate prices changes --state held-back')
  showRejections(rejections.slice(0, REJECTIONS_SHOWN), Number(rejected))
  showUnread(unreadPriceFields)
}

/** A list of which nothing could be used is no list of prices, and a script must notice. */
function failWithoutPrices(read: number, rejected: number): void {
  if (rejected < read) return
  note('tollgate: every entry of the list was rejected, so no price was imported')
  process.exitCode = 1
}

function showUnread(fields: Readonly<Record<string, number | string>>): void {
  const names = Object.entries(fields)
  if (names.length === 0) return
  print('\nPrice fields that were not read, and how many prices have them:')
  for (const [name, count] of names) print(`  ${printable(name)}: ${count}`)
}

function showRejections(rejections: readonly string[], count: number): void {
  if (count === 0) return
  print('\nRejected:')
  for (const line of rejections) print(`  ${printable(line)}`)
  const more = count - rejections.length
  if (more > 0) print(`  … and ${more} more; --check lists them all`)
}

function check(json: string, format: PriceListFormat, { json: asJson }: ImportOptions): void {
  const list = readPriceList(format, json)
  if ('rejected' in list) {
    note(`tollgate: the list ${list.rejected}`)
    process.exitCode = 1
    return
  }
  const { prices, rejections, unreadFields } = list
  const read = prices.length + rejections.length
  failWithoutPrices(read, rejections.length)
  if (asJson) {
    printJson({ read, prices: prices.length, rejected: rejections.length, rejections, unreadFields })
    return
  }
  print(`read ${read}: ${prices.length} prices, ${rejections.length} rejected`)
  showRejections(rejections, rejections.length)
  showUnread(unreadFields)
}

/** OpenRouter's has its models in `data`; LiteLLM's are the object itself. Only the server and `--check` judge it. */
function formatOf(json: string): PriceListFormat {
  return /^\s*\{\s*"data"\s*:/.test(json) ? 'openrouter' : 'litellm'
}

function kilobytesOf(text: string): string {
  return `${Math.ceil(Buffer.byteLength(text) / 1_000).toLocaleString('en')} kB`
}
