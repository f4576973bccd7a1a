import { Command, Option } from 'commander'
import type { PriceChange__Output } from '../../wire/generated/tollgate/billing/v1/PriceChange'
import { wholeOption } from '../options'
import { note, print, printable, printJson, printTable, timeOf } from '../print'
import { askServer, type RemoteOptions, withRemoteOptions } from '../remote'
import { movesOf } from './moves'
import { sourceOf } from './showPrice'

const STATES = {
  applied: 'PRICE_CHANGE_STATE_APPLIED',
  'held-back': 'PRICE_CHANGE_STATE_HELD_BACK',
  rejected: 'PRICE_CHANGE_STATE_REJECTED',
} as const

const PAGE_SIZE_MAX = 1_000

const examples = `
Examples:
  $ tollgate prices changes --state held-back
  $ tollgate prices approve pc_0123456789abcdef0123456789abcdef`

interface ChangesOptions extends RemoteOptions {
  state?: keyof typeof STATES
  limit: number
}

export function changesCommand(): Command {
  return withRemoteOptions(
    new Command('changes')
      .description('changes that price lists made, or would make, the newest first')
      .addOption(new Option('--state <state>', 'only these').choices(Object.keys(STATES)))
      .option('--limit <number>', `at most so many, up to ${PAGE_SIZE_MAX}`, wholeOption, 100),
  )
    .addHelpText('after', examples)
    .action((options: ChangesOptions) =>
      askServer(options, async (client) => {
        const { state, limit } = options
        const answer = await client.listPriceChanges({
          pageSize: limit,
          ...(state !== undefined && { state: STATES[state] }),
        })
        if (options.json) printJson(answer)
        else showChanges(answer.changes, answer.nextPageToken !== '')
      }),
    )
}

function showChanges(changes: readonly PriceChange__Output[], hasMore: boolean): void {
  if (changes.length === 0) {
    note('No changes.')
    return
  }
  printTable(
    ['change', 'seen', 'state', 'model', 'provider', 'source', 'US dollars per 1M tokens'],
    changes.map(rowOf),
  )
  if (hasMore) note('There are more: raise --limit, or choose a --state.')
}

/** What became of one, for `approve` and `reject`. */
export function showDecided(change: PriceChange__Output): void {
  const { model = '', provider = '' } = change.after ?? {}
  print(
    `${change.changeId} is ${stateOf(change)}: ${printable(`${model} at ${provider}`)}, ${movesOf(change)}`,
  )
}

function rowOf(change: PriceChange__Output): string[] {
  const { changeId, seenAt, after } = change
  const { model = '', provider = '' } = after ?? {}
  const source = after === null ? '' : sourceOf(after)
  return [changeId, timeOf(seenAt), stateOf(change), model, provider, source, movesOf(change)]
}

function stateOf({ state }: PriceChange__Output): string {
  return state.replace('PRICE_CHANGE_STATE_', '').toLowerCase().replaceAll('_', ' ')
}
