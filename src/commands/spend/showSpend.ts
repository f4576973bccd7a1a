import { formatUsd } from '../../domain/money'
import type { SpendGroup__Output } from '../../wire/generated/tollgate/billing/v1/SpendGroup'
import { csvLine } from '../csv'
import { note, printCsvLines, printJsonLine, printTable } from '../print'
import type { Dimension } from './dimension'

interface Shown {
  by: readonly Dimension[]
  json?: true
  csv?: true
}

const AMOUNTS = {
  chargedNanousd: 'charged',
  adjustedNanousd: 'adjusted',
  refundedNanousd: 'refunded',
  spentNanousd: 'spent',
  fromAllowanceNanousd: 'from_allowance',
  fromCreditsNanousd: 'from_credits',
  forgoneNanousd: 'forgone',
} as const
type Amount = keyof typeof AMOUNTS

/** Prints CSV or JSON lines as they arrive, or a table with the most expensive first and a total. */
export async function showSpend(
  groups: AsyncIterable<SpendGroup__Output>,
  { by, json, csv }: Shown,
): Promise<void> {
  const names = by.map(({ name }) => name)
  if (json) for await (const group of groups) printJsonLine(objectOf(group, names))
  else if (csv) await printCsv(groups, names)
  else {
    const all: SpendGroup__Output[] = []
    for await (const group of groups) all.push(group)
    showTable(all, names)
  }
}

function objectOf({ values, ...sums }: SpendGroup__Output, names: readonly string[]): object {
  return { ...Object.fromEntries(names.map((name, at) => [name, values[at] ?? ''])), ...sums }
}

async function printCsv(groups: AsyncIterable<SpendGroup__Output>, names: readonly string[]): Promise<void> {
  const amounts = Object.entries(AMOUNTS) as [Amount, string][]
  const heads = [
    ...names,
    'calls',
    'input_tokens',
    'output_tokens',
    ...amounts.map(([, name]) => `${name}_usd`),
  ]
  await printCsvLines(csvLine(heads), groups, (group) => {
    const { values, calls, inputTokens, outputTokens } = group
    const sums = amounts.map(([field]) => formatUsd(BigInt(group[field])).replace('$', ''))
    return `${csvLine([...values, calls, inputTokens, outputTokens])},${sums.join(',')}`
  })
}

function showTable(groups: readonly SpendGroup__Output[], names: readonly string[]): void {
  if (groups.length === 0) {
    note('Nothing was spent.')
    return
  }
  const spentOf = (group: SpendGroup__Output) => BigInt(group.spentNanousd)
  const rows = [...groups]
    .sort((a, b) => (spentOf(a) > spentOf(b) ? -1 : spentOf(a) < spentOf(b) ? 1 : 0))
    .map((group) => [
      ...group.values.map((value) => (value === '' ? '(none)' : value)),
      Number(group.calls).toLocaleString('en'),
      ...TABLE_AMOUNTS.map((field) => formatUsd(BigInt(group[field]))),
    ])
  const calls = groups.reduce((sum, group) => sum + BigInt(group.calls), 0n)
  const total = [
    ...names.map((_, at) => (at === 0 ? 'total' : '')),
    calls.toLocaleString('en'),
    ...TABLE_AMOUNTS.map((field) => formatUsd(groups.reduce((sum, group) => sum + BigInt(group[field]), 0n))),
  ]
  // A call is in the group of every budget that counted it, so a total would be too high.
  const hasTotal = !names.includes('budget')
  printTable(
    [...names, 'calls>', ...TABLE_AMOUNTS.map((field) => `${AMOUNTS[field].replace('_', ' ')}>`)],
    hasTotal ? [...rows, total] : rows,
  )
}

const TABLE_AMOUNTS = [
  'chargedNanousd',
  'adjustedNanousd',
  'refundedNanousd',
  'spentNanousd',
  'fromAllowanceNanousd',
  'fromCreditsNanousd',
] as const satisfies readonly Amount[]
