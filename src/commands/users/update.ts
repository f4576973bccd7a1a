import { Command, Option } from 'commander'
import { SetupError } from '../../setupError'
import type { UpdateUserRequest } from '../../wire/generated/tollgate/billing/v1/UpdateUserRequest'
import { timeOption, usdOption } from '../options'
import { printJson, type WireTime } from '../print'
import { askServer, type RemoteOptions, withRemoteOptions } from '../remote'
import { showUser } from './showUser'

interface UpdateOptions extends RemoteOptions {
  tier?: string
  stripeCustomer?: string
  stripeSubscription?: string
  dailyLimit?: bigint
  overdraft?: bigint
  trialUntil?: WireTime
  /** `--no-trial`. */
  trial?: false
  suspend?: true
  resume?: true
}

const examples = `
Examples:
  $ tollgate users update ada --daily-limit 200
  $ tollgate users update ada --suspend
  $ tollgate users update eve --no-trial --tier pro`

export function userUpdateCommand(): Command {
  return withRemoteOptions(
    new Command('update')
      .description('change details and limits of a user; what is not given stays')
      .argument('<user>')
      .option('--tier <tier>', 'of the subscription')
      .option('--stripe-customer <id>', 'as Stripe has it')
      .option('--stripe-subscription <id>', 'as Stripe has it')
      .option('--daily-limit <usd>', 'spends at most so much a day, in UTC; 0 = no limit', usdOption)
      .option('--overdraft <usd>', 'how far below zero the credits may go', usdOption)
      .addOption(
        new Option('--trial-until <time>', 'a trial that ends then').argParser(timeOption).conflicts('trial'),
      )
      .addOption(new Option('--no-trial', 'the trial is over').default(undefined))
      .addOption(new Option('--suspend', 'refuse everything new').conflicts('resume'))
      .option('--resume', 'let it in again'),
  )
    .addHelpText('after', examples)
    .action((userId: string, options: UpdateOptions) => {
      const changes = changesOf(options)
      if (Object.keys(changes).length === 0) throw new SetupError('say what to change; see --help')
      return askServer(options, async (client) => {
        const { user } = await client.updateUser({ userId, ...changes })
        if (options.json) printJson(user)
        else if (user !== null) showUser(user)
      })
    })
}

function changesOf(options: UpdateOptions): UpdateUserRequest {
  const { tier, stripeCustomer, stripeSubscription, dailyLimit, overdraft, trialUntil } = options
  const suspended = options.suspend ?? (options.resume ? false : undefined)
  return {
    ...(tier !== undefined && { tier }),
    ...(stripeCustomer !== undefined && { stripeCustomerId: stripeCustomer }),
    ...(stripeSubscription !== undefined && { stripeSubscriptionId: stripeSubscription }),
    ...(dailyLimit !== undefined && { dailyLimitNanousd: dailyLimit.toString() }),
    ...(overdraft !== undefined && { overdraftLimitNanousd: overdraft.toString() }),
    ...(trialUntil !== undefined && { isTrial: true, trialExpiresAt: trialUntil }),
    ...(options.trial === false && { isTrial: false, clearTrialExpiresAt: true }),
    ...(suspended !== undefined && { suspended }),
  }
}
