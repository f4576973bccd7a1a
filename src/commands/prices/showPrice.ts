import { formatUsd } from '../../domain/money'
import type { Price__Output } from '../../wire/generated/tollgate/billing/v1/Price'
import type { Rate__Output } from '../../wire/generated/tollgate/billing/v1/Rate'
import type { RateCard__Output } from '../../wire/generated/tollgate/billing/v1/RateCard'
import { print, printable, printTable, timeOf } from '../print'

/** One version, with all its cards: a row for each meter, a column for each card. */
export function showPrice(price: Price__Output): void {
  const of = price.provider === '' ? 'any provider' : price.provider
  print(`${printable(price.model)} at ${printable(of)}: ${sourceOf(price)}, ${priceIdOf(price)}`)
  const until = price.effectiveTo === null ? '' : ` until ${timeOf(price.effectiveTo)}`
  const by = price.actor === '' ? '' : `; put by ${printable(price.actor)}`
  print(
    `in force from ${timeOf(price.effectiveFrom)}${until}; markup ${percentOf(price.markupBasisPoints)}${by}`,
  )
  print('')
  const meters = [...new Set(price.rateCards.flatMap(({ rates }) => rates.map(pricedThing)))]
  printTable(
    ['', ...price.rateCards.map((card) => `${conditionsOf(card)}>`)],
    meters.map((meter) => [nameOf(meter), ...price.rateCards.map((card) => rateOf(card, meter))]),
  )
  print('')
  print(
    'US dollars per 1M tokens, before markup. The first column whose conditions hold prices the whole call.',
  )
}

/** What a rate is for: its meter, or the name of its unit. */
export function pricedThing({ meter, unit }: Pick<Rate__Output, 'meter' | 'unit'>): string {
  return unit === '' ? meter : unit
}

/** As {@link amountOf}; empty where the card has no such rate. */
export function rateOf({ rates }: RateCard__Output, thing: string): string {
  const rate = rates.find((each) => pricedThing(each) === thing)
  return rate === undefined ? '' : amountOf(rate)
}

/** `$3.00` for a million tokens, `$0.01 each` for what isn't counted in tokens, `$15.00 per 1000000` of a unit. */
export function amountOf({
  priceNanousd,
  per,
  unit,
}: Pick<Rate__Output, 'priceNanousd' | 'per' | 'unit'>): string {
  const usd = formatUsd(BigInt(priceNanousd))
  if (per === '1') return `${usd} each`
  return unit === '' ? usd : `${usd} per ${per}`
}

export function sourceOf({ source }: Price__Output): string {
  return source.replace('PRICE_SOURCE_', '').toLowerCase()
}

/** 250 basis points are 2.5 %. */
export function percentOf(basisPoints: number): string {
  const hundredths = String(basisPoints % 100)
    .padStart(2, '0')
    .replace(/0+$/, '')
  return `${Math.floor(basisPoints / 100)}${hundredths === '' ? '' : `.${hundredths}`} %`
}

/** `METER_CACHE_READ_INPUT_TOKENS` is "cache read input tokens"; a unit keeps its name. */
export function nameOf(thing: string): string {
  if (!thing.startsWith('METER_')) return printable(thing)
  return thing.replace('METER_', '').toLowerCase().replaceAll('_', ' ')
}

function priceIdOf({ priceId }: Price__Output): string {
  return priceId === '' ? 'not in force yet' : priceId
}

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

function conditionsOf(card: RateCard__Output): string {
  const { aboveInputTokens, dailyFromUtc, dailyToUtc } = card
  const conditions = [
    aboveInputTokens === '0' ? '' : `above ${Number(aboveInputTokens).toLocaleString('en')} input`,
    printable(card.serviceTier),
    printable(card.speed),
    printable(card.geography),
    card.weekdaysUtc.map((day) => WEEKDAYS[day - 1] ?? day).join(' '),
    dailyFromUtc === '' ? '' : `${dailyFromUtc} to ${dailyToUtc} UTC`,
  ].filter((each) => each !== '')
  return conditions.length === 0 ? 'otherwise' : conditions.join(', ')
}
