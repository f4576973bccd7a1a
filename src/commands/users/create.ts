import { Command } from 'commander'
import { timeOption, usdOption } from '../options'
import { printJson, type WireTime } from '../print'
import { askServer, type RemoteOptions, withRemoteOptions } from '../remote'
import { showUser } from './showUser'

interface CreateOptions extends RemoteOptions {
  tier: string
  stripeCustomer: string
  stripeSubscription: string
  dailyLimit?: bigint
  overdraft?: bigint
  trialUntil?: WireTime
}

const examples = `
Examples:
  $ tollgate users create ada
  $ tollgate users create acme --tier team --daily-limit 500 --overdraft 20
  $ tollgate users create eve --trial-until 2026-12-24`

export function userCreateCommand(): Command {
  return withRemoteOptions(
    new Command('create')
      .description('create a user without credits; `tollgate grant` adds them')
      .argument('<user>', 'id: 1 to 128 visible characters')
      .option('--tier <tier>', 'of the subscription', '')
      .option('--stripe-customer <id>', 'as Stripe has it', '')
      .option('--stripe-subscription <id>', 'as Stripe has it', '')
      .option('--daily-limit <usd>', 'spends at most so much a day, in UTC', usdOption)
      .option('--overdraft <usd>', 'how far below zero the credits may go', usdOption)
      .option('--trial-until <time>', 'pays nothing until then, within the limits of trials', timeOption),
  )
    .addHelpText('after', examples)
    .action((userId: string, options: CreateOptions) =>
      askServer(options, async (client) => {
        const { user } = await client.createUser({
          userId,
          tier: options.tier,
          stripeCustomerId: options.stripeCustomer,
          stripeSubscriptionId: options.stripeSubscription,
          dailyLimitNanousd: (options.dailyLimit ?? 0n).toString(),
          overdraftLimitNanousd: (options.overdraft ?? 0n).toString(),
          ...(options.trialUntil !== undefined && { isTrial: true, trialExpiresAt: options.trialUntil }),
        })
        if (options.json) printJson(user)
        else if (user !== null) showUser(user)
      }),
    )
}
