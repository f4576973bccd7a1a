import { Command } from 'commander'
import type { LedgerHead__Output } from '../../wire/generated/tollgate/billing/v1/LedgerHead'
import { everyItem, type ListOptions, type ReadPage, showList, withListOptions } from '../lists'
import { printCsvLines, timeOf } from '../print'
import { askServer } from '../remote'
import { CSV_HEADER, csvOfHead } from './headsFile'

interface HeadsOptions extends ListOptions {
  prefix: string
  csv?: true
}

const examples = `
Kept out of reach of everybody who can write to the database, they show later that no entry before them was changed.

Examples:
  $ tollgate ledger heads
  $ tollgate ledger heads --all --json > heads.jsonl
  $ tollgate ledger heads --csv > heads.csv
  $ tollgate reconcile --heads heads.jsonl`

export function ledgerHeadsCommand(): Command {
  return withListOptions(
    new Command('heads')
      .description(
        'export the heads of the hash chains, to keep elsewhere: user, version (number of entries), hash',
      )
      .option('--prefix <text>', 'only users whose ids begin so', '')
      .option('--csv', 'all of them, as CSV'),
  )
    .addHelpText('after', examples)
    .action((options: HeadsOptions) =>
      askServer(options, async (client) => {
        const readPage: ReadPage<LedgerHead__Output> = async (page) => {
          const { heads, nextPageToken } = await client.listLedgerHeads({
            userIdPrefix: options.prefix,
            ...page,
          })
          return { items: heads, nextPageToken }
        }
        if (options.csv) await printCsv(readPage)
        else await showList(options, readPage, { head: HEAD, row: rowOf, none: 'There are no users.' })
      }),
    )
}

const HEAD = ['user', 'entries>', 'hash', 'last entry']

function rowOf({ userId, version, hash, at }: LedgerHead__Output): string[] {
  return [userId, version, hash.toString('hex'), timeOf(at)]
}

async function printCsv(readPage: ReadPage<LedgerHead__Output>): Promise<void> {
  await printCsvLines(CSV_HEADER, everyItem(readPage), (head) => csvOfHead({ ...head, at: timeOf(head.at) }))
}
