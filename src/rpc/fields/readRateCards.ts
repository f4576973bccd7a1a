import { invalidField } from '../../domain/errors'
import { BALANCE_NANOUSD_MAX } from '../../domain/money'
import type { Rate, RateCard, UnitRate } from '../../domain/rating/price'
import { isRatedUnitName, UNIT_NAME_RULE } from '../../domain/usage/units'
import type { Rate__Output } from '../../wire/generated/tollgate/billing/v1/Rate'
import type { RateCard__Output } from '../../wire/generated/tollgate/billing/v1/RateCard'
import { METERS } from './enums'
import { readCount, readNanousd, readOptionalId } from './read'

const PATH = 'rate_cards'

/** Reads the cards one by one; the domain decides whether they make a price. */
export function readRateCards(cards: readonly RateCard__Output[]): RateCard[] {
  return cards.map((card, index) => readRateCard(card, `${PATH}[${index}].`))
}

function readRateCard(card: RateCard__Output, at: string): RateCard {
  const aboveInputTokens = readCount(card, 'aboveInputTokens', at)
  const serviceTier = readOptionalId(card, 'serviceTier', at)
  const daily = readDaily(card, at)
  const geography = readOptionalId(card, 'geography', at)
  const speed = readOptionalId(card, 'speed', at)
  return {
    ...(aboveInputTokens !== 0n && { aboveInputTokens }),
    ...(serviceTier !== '' && { serviceTier }),
    ...(daily !== undefined && { daily }),
    ...(card.weekdaysUtc.length > 0 && { weekdays: card.weekdaysUtc }),
    ...(geography !== '' && { geography }),
    ...(speed !== '' && { speed }),
    ...readRates(card.rates, at),
  }
}

function readRates(wireRates: readonly Rate__Output[], at: string): Pick<RateCard, 'rates' | 'unitRates'> {
  const rates: Rate[] = []
  const unitRates: UnitRate[] = []
  for (const [index, rate] of wireRates.entries()) {
    const rateAt = `${at}rates[${index}].`
    const amount = {
      priceNanousd: readNanousd(rate, 'priceNanousd', { max: BALANCE_NANOUSD_MAX, at: rateAt }),
      per: readCount(rate, 'per', rateAt),
    }
    if (rate.unit === '') rates.push({ meter: METERS.read(rate, 'meter', rateAt), ...amount })
    else unitRates.push({ unit: readUnit(rate, rateAt), ...amount })
  }
  return unitRates.length === 0 ? { rates } : { rates, unitRates }
}

function readUnit({ unit, meter }: Rate__Output, at: string): string {
  if (meter !== 'METER_UNSPECIFIED') throw invalidField(`${at}unit`, 'must not be set beside meter')
  if (!isRatedUnitName(unit)) throw invalidField(`${at}unit`, UNIT_NAME_RULE)
  return unit
}

function readDaily(
  { dailyFromUtc, dailyToUtc }: RateCard__Output,
  at: string,
): { fromMinute: number; toMinute: number } | undefined {
  if (dailyFromUtc === '' && dailyToUtc === '') return undefined
  return {
    fromMinute: minuteOf(dailyFromUtc, `${at}daily_from_utc`),
    toMinute: minuteOf(dailyToUtc, `${at}daily_to_utc`),
  }
}

function minuteOf(text: string, path: string): number {
  const match = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text)
  if (match === null)
    throw invalidField(path, 'must be a time of day, HH:MM; daily_from_utc and daily_to_utc are set together')
  return Number(match[1]) * 60 + Number(match[2])
}
