import { Command, Option } from 'commander'
import { type ListOptions, showList, withListOptions } from '../lists'
import { timeOf } from '../print'
import { askServer } from '../remote'
import { usdOf } from '../users/showUser'
import { stateOf } from './showFailure'

const STATES = {
  pending: 'FAILURE_STATE_PENDING',
  resolved: 'FAILURE_STATE_RESOLVED',
  'written-off': 'FAILURE_STATE_WRITTEN_OFF',
  all: 'FAILURE_STATE_UNSPECIFIED',
} as const

interface FailuresOptions extends ListOptions {
  state: keyof typeof STATES
  user: string
}

const examples = `
Examples:
  $ tollgate failures list
  $ tollgate failures list --user ada --state all --json`

export function failuresListCommand(): Command {
  return withListOptions(
    new Command('list')
      .description('list calls that were not deducted, with the reason of the last attempt')
      .addOption(new Option('--state <state>', 'only these').choices(Object.keys(STATES)).default('pending'))
      .option('--user <user>', 'only this one’s', ''),
  )
    .addHelpText('after', examples)
    .action((options: FailuresOptions) =>
      askServer(options, (client) =>
        showList(
          options,
          async (page) => {
            const { failures, nextPageToken } = await client.listDeductionFailures({
              state: STATES[options.state],
              userId: options.user,
              ...page,
            })
            return { items: failures, nextPageToken }
          },
          {
            head: [
              'failure',
              'user',
              'model',
              'amount>',
              'reason',
              'attempts>',
              'state',
              'since',
              'note',
              'by',
            ],
            row: (failure) => [
              failure.failureId,
              failure.userId,
              failure.model,
              failure.amountNanousd === '0' ? 'unknown' : usdOf(failure.amountNanousd),
              failure.reason,
              String(failure.attempts),
              stateOf(failure.state),
              timeOf(failure.createdAt),
              failure.note || failure.problem,
              failure.actor,
            ],
            none: 'There are no such failures.',
          },
        ),
      ),
    )
}
