import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { formatUsd } from '../../src/domain/money'
import type { Meter, RateCard } from '../../src/domain/rating/price'
import { NO_CONDITIONS } from '../../src/domain/rating/rateCards'
import { rate } from '../../src/domain/rating/rating'
import { readProviderUsage } from '../../src/domain/usage/readProviderUsage'
import { cardOf } from '../support/priceBooks'

const page = readFileSync(join(__dirname, '../../docs/pricing.md'), 'utf8')
const example = page.slice(page.indexOf('## Worked example'))

test('the worked example in docs/pricing.md is what the service computes', () => {
  const [priceTable = [], lineTable = []] = tablesIn(example)
  const rateCards: RateCard[] = [
    { aboveInputTokens: 200_000n, ...cardOf(columnOf(priceTable, 1)) },
    cardOf(columnOf(priceTable, 2)),
  ]
  const json = /```json\n(.*)\n```/.exec(example)?.[1] ?? ''
  const { usage } = readProviderUsage(
    { format: 'anthropic.messages', json },
    { model: 'm', fieldPrefix: 'provider_usage' },
  )
  const rating = rate(
    { rateCards, markupBasisPoints: 250 },
    { usage, conditions: NO_CONDITIONS, at: new Date() },
  )

  expect(usage.inputTokens).toBe(1_532n)
  expect(lineTable).toEqual(
    rating.lineItems.map(({ priceNanousd, per, costNanousd, chargedNanousd, ...of }) => [
      ...('meter' in of ? [of.meter, `${of.units}`] : [of.unit, of.unitCount]),
      `${priceNanousd} / ${per}`,
      costNanousd,
      chargedNanousd,
    ]),
  )
  expect(example).toContain(
    `The sum is ${rating.costNanousd} nano-USD; with markup ${rating.amountNanousd} nano-USD are charged: ${formatUsd(rating.amountNanousd)}.`,
  )
})

/** The rows of each table, without its head. */
function tablesIn(markdown: string): string[][][] {
  return markdown.split(/\n\n/).flatMap((block) => {
    const rows = block.split('\n').filter((line) => line.startsWith('|'))
    return rows.length < 3
      ? []
      : [
          rows.slice(2).map((row) =>
            row
              .split('|')
              .slice(1, -1)
              .map((cell) => cell.trim()),
          ),
        ]
  })
}

function columnOf(rows: readonly string[][], column: number): Partial<Record<Meter, number>> {
  return Object.fromEntries(rows.map((row) => [row[0], Number(/\$([\d.]+)/.exec(row[column] ?? '')?.[1])]))
}
