import { Command, InvalidArgumentError } from 'commander'
import type { EntryKind } from '../../wire/generated/tollgate/billing/v1/EntryKind'
import type { LedgerEntry__Output } from '../../wire/generated/tollgate/billing/v1/LedgerEntry'
import { type ListOptions, showList, withListOptions } from '../lists'
import { timeOption } from '../options'
import { timeOf, type WireTime } from '../print'
import { askServer } from '../remote'
import { usdOf } from '../users/showUser'

const KINDS = [
  'charge',
  'grant',
  'refund',
  'hold',
  'settlement',
  'release',
  'profile',
  'adjustment',
  'budget',
]

interface LedgerOptions extends ListOptions {
  kind?: EntryKind[]
  from?: WireTime
  until?: WireTime
  apiKey: string
}

const examples = `
Examples:
  $ tollgate ledger ada
  $ tollgate ledger ada --kind charge,settlement,refund --from 2026-11-01 --until 2026-12-01
  $ tollgate ledger ada --api-key key-7 --all --json > ada.jsonl`

export function ledgerListCommand(): Command {
  return withListOptions(
    new Command('list')
      .description("list every change of a user's balance, newest first")
      .argument('<user>')
      .option('--kind <kinds>', `only these, with commas: ${KINDS.join(', ')}`, kindsOption)
      .option('--from <time>', 'from then on', timeOption)
      .option('--until <time>', 'before then', timeOption)
      .option('--api-key <id>', 'only what this key spent', ''),
  )
    .addHelpText('after', examples)
    .action((userId: string, options: LedgerOptions) =>
      askServer(options, (client) => {
        const { kind = [], from, until, apiKey } = options
        return showList(
          options,
          async (page) => {
            const { entries, nextPageToken } = await client.listLedgerEntries({
              userId,
              kinds: kind,
              apiKeyId: apiKey,
              ...(from !== undefined && { from }),
              ...(until !== undefined && { until }),
              ...page,
            })
            return { items: entries, nextPageToken }
          },
          { head: HEAD, row: rowOf, none: 'There are no such entries.' },
        )
      }),
    )
}

const HEAD = [
  'entry>',
  'posted',
  'kind',
  'allowance>',
  'credits>',
  'held>',
  'available>',
  'of',
  'what for',
  'by',
]

function rowOf(entry: LedgerEntry__Output): string[] {
  const { version, createdAt, kind, balance, charge, chargeId, holdId, reason } = entry
  return [
    version,
    timeOf(createdAt),
    kind.replace('ENTRY_KIND_', '').toLowerCase(),
    changeOf(entry.allowanceDeltaNanousd),
    changeOf(entry.creditsDeltaNanousd),
    changeOf(entry.heldDeltaNanousd),
    usdOf(balance?.availableNanousd),
    charge?.chargeId || chargeId || holdId,
    charge?.model ?? reason,
    entry.actor,
  ]
}

/** With its sign; empty if nothing changed. */
function changeOf(nanousd: string): string {
  if (nanousd === '0') return ''
  return nanousd.startsWith('-') ? usdOf(nanousd) : `+${usdOf(nanousd)}`
}

function kindsOption(text: string): EntryKind[] {
  return text.split(',').map((each) => {
    const kind = each.trim().toLowerCase()
    if (!KINDS.includes(kind)) throw new InvalidArgumentError(`There are ${KINDS.join(', ')}.`)
    return `ENTRY_KIND_${kind.toUpperCase()}` as EntryKind
  })
}
