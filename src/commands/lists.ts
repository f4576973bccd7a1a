import { type Command, InvalidArgumentError } from 'commander'
import { wholeOption } from './options'
import { isUnread, note, printJsonLine, printTable } from './print'
import { type RemoteOptions, withRemoteOptions } from './remote'

export interface ListOptions extends RemoteOptions {
  limit: number
  all?: true
}

interface Page<Item> {
  items: readonly Item[]
  nextPageToken: string
}

export type ReadPage<Item> = (page: { pageSize: number; pageToken: string }) => Promise<Page<Item>>

interface Listing<Item> {
  head: readonly string[]
  row(item: Item): string[]
  /** What is said where there is nothing. */
  none: string
}

const PAGE_SIZE_MAX = 1_000

export function withListOptions(command: Command): Command {
  return withRemoteOptions(command)
    .option('--limit <number>', 'at most so many', limitOption, 100)
    .option('--all', 'all of them, however many')
}

/** On the wire, a page of 0 is one of the default's size. */
function limitOption(text: string): number {
  const limit = wholeOption(text)
  if (limit === 0) throw new InvalidArgumentError('It must be 1 at least.')
  return limit
}

/** A table, or one JSON object a line as the pages come in. */
export async function showList<Item>(
  options: ListOptions,
  readPage: ReadPage<Item>,
  { head, row, none }: Listing<Item>,
): Promise<void> {
  const rows: string[][] = []
  let count = 0
  const limit = options.all ? Number.POSITIVE_INFINITY : options.limit
  for await (const item of listed(readPage, limit)) {
    if (item === 'more') {
      note(`There are more: raise --limit, or give --all.`)
      break
    }
    count += 1
    if (options.json) printJsonLine(item)
    else rows.push(row(item))
  }
  if (count === 0) note(none)
  else if (!options.json) printTable(head, rows)
}

/** Every item up to the limit, and `more` where there are others behind it. */
async function* listed<Item>(readPage: ReadPage<Item>, limit: number): AsyncGenerator<Item | 'more'> {
  let pageToken = ''
  let count = 0
  do {
    const { items, nextPageToken } = await readPage({
      pageSize: Math.min(PAGE_SIZE_MAX, limit - count),
      pageToken,
    })
    yield* items
    count += items.length
    pageToken = nextPageToken
    // Nobody reads on (`| head`): there may be millions more.
    if (isUnread()) return
    if (pageToken !== '' && count < limit) progress(`${count.toLocaleString('en')} so far`)
  } while (pageToken !== '' && count < limit)
  if (pageToken !== '') yield 'more'
}

/** Every item of every page, as they come in. */
export async function* everyItem<Item>(readPage: ReadPage<Item>): AsyncGenerator<Item> {
  for await (const item of listed(readPage, Number.POSITIVE_INFINITY)) if (item !== 'more') yield item
}

/** On a terminal alone, over itself. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${text}\u001b[K\r`)
}
