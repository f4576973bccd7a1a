import { Command, InvalidArgumentError } from 'commander'
import { SetupError } from '../setupError'
import type { SummarizeSpendRequest } from '../wire/generated/tollgate/billing/v1/SummarizeSpendRequest'
import { timeOption } from './options'
import type { WireTime } from './print'
import { askServer, type RemoteOptions, withRemoteOptions } from './remote'
import type { Dimension } from './spend/dimension'
import { showSpend } from './spend/showSpend'
import { spendGroups } from './spend/spendGroups'

interface SpendOptions extends RemoteOptions {
  by: Dimension[]
  from?: WireTime
  until?: WireTime
  month?: { from: WireTime; until: WireTime }
  user: string
  csv?: true
}

const FIELDS = {
  user: 'SPEND_FIELD_USER',
  model: 'SPEND_FIELD_MODEL',
  provider: 'SPEND_FIELD_PROVIDER',
  'api-key': 'SPEND_FIELD_API_KEY',
  day: 'SPEND_FIELD_DAY',
  budget: 'SPEND_FIELD_BUDGET',
} as const

const CHOICES = `${Object.keys(FIELDS).join(', ')} and label:NAME`

const examples = `
Examples:
  $ tollgate spend --month 2026-11
  $ tollgate spend --by api-key,label:team --from 2026-11-01 --until 2026-11-08
  $ tollgate spend --by user,model,day --month 2026-11 --csv > 2026-11.csv

spent = charged + adjusted - refunded = what allowances and credits paid, to the nano-dollar. Times are those of posting, in UTC.
A call that several budgets counted is in the group of each, so there is no total by budget.`

export function spendCommand(): Command {
  return withRemoteOptions(
    new Command('spend')
      .description('sum up spending from the ledger')
      .option('--by <fields>', `at most 4 of ${CHOICES}, with commas`, byOption, byOption('model'))
      .option('--from <time>', 'from then on; default: since the first entry', timeOption)
      .option('--until <time>', 'before then; default: now', timeOption)
      .option('--month <month>', 'a whole month in UTC, such as 2026-11', monthOption)
      .option('--user <user>', 'only this one’s', '')
      .option('--csv', 'CSV with amounts in US dollars, exact, without a total'),
  )
    .addHelpText('after', examples)
    .action((options: SpendOptions) => {
      const groups = groupsWanted(options)
      return askServer(options, (client) => showSpend(spendGroups(client, groups), options))
    })
}

function groupsWanted({ by, user, month, ...options }: SpendOptions): SummarizeSpendRequest {
  if (options.json && options.csv) throw new SetupError('say either --csv or --json')
  if (month !== undefined && (options.from !== undefined || options.until !== undefined))
    throw new SetupError('say the time either with --month or with --from and --until')
  const { from, until } = month ?? options
  return {
    groupBy: by.map(({ wire }) => wire),
    userId: user,
    ...(from !== undefined && { from }),
    ...(until !== undefined && { until }),
  }
}

function byOption(text: string): Dimension[] {
  return text.split(',').map((each) => {
    const name = each.trim()
    const [, label] = /^label:(.+)$/.exec(name) ?? []
    if (label !== undefined) return { name, wire: { field: 'SPEND_FIELD_LABEL', label } }
    if (!Object.hasOwn(FIELDS, name)) throw new InvalidArgumentError(`There are ${CHOICES}.`)
    return { name, wire: { field: FIELDS[name as keyof typeof FIELDS] } }
  })
}

function monthOption(text: string): { from: WireTime; until: WireTime } {
  const [, year, month] = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(text) ?? []
  if (year === undefined || month === undefined)
    throw new InvalidArgumentError('It must be a month, such as 2026-11.')
  const secondsOf = (months: number) => String(Date.UTC(Number(year), months) / 1_000)
  return {
    from: { seconds: secondsOf(Number(month) - 1), nanos: 0 },
    until: { seconds: secondsOf(Number(month)), nanos: 0 },
  }
}
