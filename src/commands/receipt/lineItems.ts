import type { LineItem__Output } from '../../wire/generated/tollgate/billing/v1/LineItem'
import { amountOf, nameOf, pricedThing } from '../prices/showPrice'
import { printTable } from '../print'

/** What a cost consists of, before it is rounded once. */
export function showLineItems(lineItems: readonly LineItem__Output[]): void {
  printTable(['', 'units>', 'US dollars per 1M>', 'cost>', 'charged>'], lineItems.map(rowOf))
}

function rowOf(line: LineItem__Output): string[] {
  return [
    nameOf(pricedThing(line)),
    line.unit === '' ? line.units : line.unitCount,
    amountOf(line),
    exactUsd(line.costNanousd),
    exactUsd(line.chargedNanousd),
  ]
}

/** A decimal number of nano-dollars as dollars, with every digit that it has. */
function exactUsd(nanousd: string): string {
  const [whole = '0', fraction = ''] = nanousd.split('.')
  const digits = `${whole.padStart(10, '0')}${fraction}`
  const dollars = digits.slice(0, whole.length > 10 ? whole.length - 9 : 1)
  const decimals = digits.slice(dollars.length).replace(/0+$/, '').padEnd(2, '0')
  return `$${dollars}.${decimals}`
}
