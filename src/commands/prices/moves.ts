import type { PriceChange__Output } from '../../wire/generated/tollgate/billing/v1/PriceChange'
import type { RateCard__Output } from '../../wire/generated/tollgate/billing/v1/RateCard'
import { nameOf, pricedThing, rateOf } from './showPrice'

/** `input tokens $2.00 → $3.10`, for each rate of the plain card that moved; the others are what `--json` is for. */
export function movesOf({ before, after }: PriceChange__Output): string {
  const [old, now] = [before?.rateCards.at(-1), after?.rateCards.at(-1)]
  if (old === undefined || now === undefined) return ''
  const meters = [...new Set([...metersOf(old), ...metersOf(now)])]
  const moves = meters
    .map((meter) => ({ meter, from: rateOf(old, meter) || 'none', to: rateOf(now, meter) || 'none' }))
    .filter(({ from, to }) => from !== to)
    .map(({ meter, from, to }) => `${nameOf(meter)} ${from} → ${to}`)
  return moves.length === 0 ? 'by size, tier or time alone' : moves.join(', ')
}

function metersOf({ rates }: RateCard__Output): string[] {
  return rates.map(pricedThing)
}
