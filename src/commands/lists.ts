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
  /** Printed where the list is empty. */
  none: string
}

const PAGE_SIZE_MAX = 1_000

export function withListOptions(command: Command): Command {
  return withRemoteOptions(command)
    .option('--limit <number>', 'at most this many', limitOption, 100)
    .option('--all', 'all of them')
}

/** On the wire, a page size of 0 means the default. */
function limitOption(text: string): number {
  const limit = wholeOption(text)
  if (limit === 0) throw new InvalidArgumentError('It must be 1 at least.')
  return limit
}

/** Prints a table, or one JSON object per line as pages arrive. */
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
      note(`There are more: raise --limit, or use --all.`)
      break
    }
    count += 1
    if (options.json) printJsonLine(item)
    else rows.push(row(item))
  }
  if (count === 0) note(none)
  else if (!options.json) printTable(head, rows)
}

/** Yields items up to the limit, then `more` if others follow. */
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
    // The reader has left (`| head`), and millions of items may follow.
    if (isUnread()) return
    if (pageToken !== '' && count < limit) progress(`${count.toLocaleString('en')} so far`)
  } while (pageToken !== '' && count < limit)
  if (pageToken !== '') yield 'more'
}

/** Yields every item of every page as pages arrive. */
export async function* everyItem<Item>(readPage: ReadPage<Item>): AsyncGenerator<Item> {
  for await (const item of listed(readPage, Number.POSITIVE_INFINITY)) if (item !== 'more') yield item
}

/** Only on a terminal; overwrites its last line. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${text}\u001b[K\r`)
}
