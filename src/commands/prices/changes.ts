import { Command, Option } from 'commander'
import type { PriceChange__Output } from '../../wire/generated/tollgate/billing/v1/PriceChange'
import { type ListOptions, showList, withListOptions } from '../lists'
import { print, printable, timeOf } from '../print'
import { askServer } from '../remote'
import { movesOf } from './moves'
import { sourceOf } from './showPrice'

const STATES = {
  applied: 'PRICE_CHANGE_STATE_APPLIED',
  'held-back': 'PRICE_CHANGE_STATE_HELD_BACK',
  rejected: 'PRICE_CHANGE_STATE_REJECTED',
} as const

const examples = `
Examples:
  $ tollgate prices changes --state held-back
  $ tollgate prices approve pc_0123456789abcdef0123456789abcdef`

interface ChangesOptions extends ListOptions {
  state?: keyof typeof STATES
}

export function changesCommand(): Command {
  return withListOptions(
    new Command('changes')
      .description('changes that price lists made, or would make, the newest first')
      .addOption(new Option('--state <state>', 'only these').choices(Object.keys(STATES))),
  )
    .addHelpText('after', examples)
    .action((options: ChangesOptions) =>
      askServer(options, (client) =>
        showList(
          options,
          async (page) => {
            const { changes, nextPageToken } = await client.listPriceChanges({
              ...(options.state !== undefined && { state: STATES[options.state] }),
              ...page,
            })
            return { items: changes, nextPageToken }
          },
          {
            head: [
              'change',
              'seen',
              'state',
              'model',
              'provider',
              'source',
              'US dollars per 1M tokens',
              'by',
            ],
            row: rowOf,
            none: 'No changes.',
          },
        ),
      ),
    )
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
  return [changeId, timeOf(seenAt), stateOf(change), model, provider, source, movesOf(change), change.actor]
}

function stateOf({ state }: PriceChange__Output): string {
  return state.replace('PRICE_CHANGE_STATE_', '').toLowerCase().replaceAll('_', ' ')
}
