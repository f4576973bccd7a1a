import { Command, InvalidArgumentError, Option } from 'commander'
import type { Budget } from '../../wire/generated/tollgate/billing/v1/Budget'
import type { BudgetGroup } from '../../wire/generated/tollgate/billing/v1/BudgetGroup'
import { askUnderKey, type KeyedOptions, withKeyedOptions } from '../keyed'
import { labelOption, usdOption, wholeOption } from '../options'
import { note, printJson } from '../print'
import { showBudget, WEEKDAYS } from './showBudget'

const PERIODS = ['hour', 'day', 'week', 'month', 'lifetime'] as const

interface PutOptions extends KeyedOptions {
  limit: bigint
  window: (typeof PERIODS)[number]
  timeZone: string
  weekStarts?: number
  monthStarts?: number
  apiKey: string[]
  label: Record<string, string>
  model: string[]
  provider: string[]
  by: BudgetGroup[]
  warn?: true
  notify: number[]
}

const examples = `
Examples:
  $ tollgate budgets put acme research --limit 500 --window month --label team=research --notify 50,80,100
  $ tollgate budgets put acme keys --limit 50 --window month --by api-key
  $ tollgate budgets put acme opus --limit 20 --window day --time-zone Europe/Berlin --model 'claude-opus-*'
  $ tollgate budgets put acme week --limit 900 --window week --week-starts sunday --warn

It replaces a budget of the same name. Another limit keeps the counters; other calls, groups or windows start them again at zero.`

export function budgetPutCommand(): Command {
  return withKeyedOptions(
    new Command('put')
      .description('create a budget, or replace it')
      .argument('<user>', 'who pays')
      .argument('<budget>', 'its name, of your choice')
      .requiredOption(
        '--limit <usd>',
        'of each counter in each window; 0 stops every call that costs anything',
        usdOption,
      )
      .addOption(
        new Option('--window <period>', 'after which it starts again').choices(PERIODS).makeOptionMandatory(),
      )
      .option('--time-zone <zone>', 'of the window, such as Europe/Berlin', 'UTC')
      .option('--week-starts <weekday>', 'with --window week; default: monday', weekdayOption)
      .option(
        '--month-starts <day>',
        'with --window month: 1 to 31, or a shorter month’s last day',
        wholeOption,
      )
      .option('--api-key <id>', 'count only calls of this key; repeatable', added, [])
      .option('--label <name=value>', 'count only calls with this label; repeatable', labelOption, {})
      .option('--model <glob>', 'count only calls of such models, as priced; repeatable', added, [])
      .option('--provider <provider>', 'count only calls of this provider; repeatable', added, [])
      .option(
        '--by <groups>',
        'a counter for each of api-key, model, provider, label:NAME, with commas',
        groupsOption,
        [],
      )
      .option('--warn', 'refuse nothing, and only report')
      .option(
        '--notify <percents>',
        'report when so much of the limit is spent, with commas',
        percentsOption,
        [],
      ),
  )
    .addHelpText('after', examples)
    .action((userId: string, budgetId: string, options: PutOptions) =>
      askUnderKey(options, async (client, idempotencyKey) => {
        const budget = { ...budgetOf(options), userId, budgetId }
        const answer = await client.putBudget({ idempotencyKey, budget })
        if (options.json) printJson(answer)
        else if (answer.budget !== null) {
          showBudget(answer.budget)
          if (answer.restarted) note('Its counters start again at zero.')
        }
      }),
    )
}

function budgetOf(options: PutOptions): Budget {
  return {
    limitNanousd: options.limit.toString(),
    match: {
      apiKeyIds: options.apiKey,
      labels: options.label,
      models: options.model,
      providers: options.provider,
    },
    groupBy: options.by,
    window: {
      period:
        `BUDGET_PERIOD_${options.window.toUpperCase()}` as `BUDGET_PERIOD_${Uppercase<PutOptions['window']>}`,
      timeZone: options.timeZone,
      weekStartsOn: options.weekStarts ?? 0,
      monthStartsOn: options.monthStarts ?? 0,
    },
    action: options.warn ? 'BUDGET_ACTION_WARN' : 'BUDGET_ACTION_ENFORCE',
    notifyAtPercent: options.notify,
  }
}

function added(text: string, before: readonly string[]): string[] {
  return [...before, text]
}

function groupsOption(text: string): BudgetGroup[] {
  return text.split(',').map((each) => {
    const name = each.trim()
    const [, label] = /^label:(.+)$/.exec(name) ?? []
    if (label !== undefined) return { label }
    if (name === 'api-key') return { apiKey: true }
    if (name === 'model' || name === 'provider') return { [name]: true }
    throw new InvalidArgumentError('There are api-key, model, provider and label:NAME.')
  })
}

function percentsOption(text: string): number[] {
  return text.split(',').map((each) => wholeOption(each.trim()))
}

function weekdayOption(text: string): number {
  const at = WEEKDAYS.findIndex((name) => name.toLowerCase() === text.toLowerCase())
  if (at === -1) throw new InvalidArgumentError(`There are ${WEEKDAYS.join(', ')}.`)
  return at + 1
}
