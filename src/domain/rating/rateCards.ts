import { BillingError, invalidField } from '../errors'
import type { Conditions, Meter, RateCard } from './price'
import { validateUnitRates } from './unitRates'

/** Tokens are priced by the million, everything else by the unit. */
export const TOKENS_PER_RATE = 1_000_000n

/** The parent whose rate, in the same card, prices a meter without a rate of its own. */
export const PARENT_OF: Partial<Record<Meter, Meter>> = {
  CACHE_READ_INPUT_TOKENS: 'INPUT_TOKENS',
  CACHE_CREATION_INPUT_TOKENS: 'INPUT_TOKENS',
  CACHE_CREATION_1H_INPUT_TOKENS: 'CACHE_CREATION_INPUT_TOKENS',
  AUDIO_INPUT_TOKENS: 'INPUT_TOKENS',
  AUDIO_CACHE_READ_INPUT_TOKENS: 'CACHE_READ_INPUT_TOKENS',
  IMAGE_INPUT_TOKENS: 'INPUT_TOKENS',
  IMAGE_CACHE_READ_INPUT_TOKENS: 'CACHE_READ_INPUT_TOKENS',
  REASONING_OUTPUT_TOKENS: 'OUTPUT_TOKENS',
  AUDIO_OUTPUT_TOKENS: 'OUTPUT_TOKENS',
  IMAGE_OUTPUT_TOKENS: 'OUTPUT_TOKENS',
  CITATION_OUTPUT_TOKENS: 'OUTPUT_TOKENS',
}

export function isTokenMeter(meter: Meter): boolean {
  return meter !== 'WEB_SEARCHES' && meter !== 'REQUESTS'
}

/** How many units of a meter the price in a rate is for. */
export function perOf(meter: Meter): bigint {
  return isTokenMeter(meter) ? TOKENS_PER_RATE : 1n
}

/** What chooses a card. */
export interface CardChoice {
  inputTokens: bigint
  conditions: Conditions
  at: Date
}

/** The conditions of a call with ordinary service. */
export const NO_CONDITIONS: Conditions = { serviceTier: '', speed: '', geography: '' }

/** The first card whose conditions hold. It prices the whole request, because that is how providers bill. */
export function selectRateCard(
  cards: readonly RateCard[],
  { inputTokens, conditions, at }: CardChoice,
): RateCard {
  const minute = at.getUTCHours() * 60 + at.getUTCMinutes()
  const weekday = at.getUTCDay() || 7
  const card = cards.find((candidate) => holds(candidate, { inputTokens, conditions, minute, weekday }))
  if (card === undefined) {
    throw new BillingError('MODEL_PRICE_MISSING', 'the price has no rate card for this request')
  }
  return card
}

export interface Point {
  inputTokens: bigint
  conditions: Conditions
  /** Of the UTC day. */
  minute: number
  weekday: number
}

function holds(card: RateCard, { inputTokens, conditions, minute, weekday }: Point): boolean {
  if (card.aboveInputTokens !== undefined && inputTokens <= card.aboveInputTokens) return false
  if (card.serviceTier !== undefined && card.serviceTier !== conditions.serviceTier) return false
  if (card.speed !== undefined && card.speed !== conditions.speed) return false
  if (card.geography !== undefined && card.geography !== conditions.geography) return false
  if (card.weekdays !== undefined && !card.weekdays.includes(weekday)) return false
  return card.daily === undefined || isWithin(card.daily, minute)
}

function isWithin(
  { fromMinute, toMinute }: { fromMinute: number; toMinute: number },
  minute: number,
): boolean {
  return fromMinute < toMinute
    ? minute >= fromMinute && minute < toMinute
    : minute >= fromMinute || minute < toMinute
}

const CARDS_MAX = 32
/** All of these are checked when a price is put. No listed price distinguishes nearly as many. */
const POINTS_MAX = 200_000

/**
 * Refuses cards that the contract rules out, and names the field: the last card has conditions, a card can never match, or a
 * rate is bad.
 */
export function validateRateCards(cards: readonly RateCard[], fieldPrefix: string): void {
  if (cards.length === 0) throw invalidField(fieldPrefix, 'must have at least one card')
  if (cards.length > CARDS_MAX) throw invalidField(fieldPrefix, `must have at most ${CARDS_MAX} cards`)
  for (const [index, card] of cards.entries()) validateCard(card, `${fieldPrefix}[${index}]`)
  const last = cards.length - 1
  const unconditional = cards.findIndex(isUnconditional)
  if (unconditional === -1) {
    throw invalidField(
      `${fieldPrefix}[${last}]`,
      'must have no conditions: it prices what no other card does',
    )
  }
  if (unconditional !== last) {
    throw invalidField(`${fieldPrefix}[${unconditional}]`, 'has no conditions and must stand last')
  }
  const points = pointsOf(cards)
  if (points === undefined) throw invalidField(fieldPrefix, 'must tell fewer kinds of requests apart')
  const reachable = new Set(points.map((point) => cards.findIndex((card) => holds(card, point))))
  const unreachable = cards.findIndex((_, index) => index !== last && !reachable.has(index))
  if (unreachable !== -1) {
    throw invalidField(
      `${fieldPrefix}[${unreachable}]`,
      'can never match: the cards before it cover its conditions',
    )
  }
}

function isUnconditional({ rates: _rates, unitRates: _unitRates, ...conditions }: RateCard): boolean {
  return Object.values(conditions).every((condition) => condition === undefined)
}

function validateCard(card: RateCard, field: string): void {
  if (card.aboveInputTokens !== undefined && card.aboveInputTokens < 0n) {
    throw invalidField(`${field}.above_input_tokens`, 'must not be negative')
  }
  if (card.daily !== undefined && card.daily.fromMinute === card.daily.toMinute) {
    throw invalidField(`${field}.daily_to_utc`, 'must differ from daily_from_utc')
  }
  for (const [index, day] of (card.weekdays ?? []).entries()) {
    const dayField = `${field}.weekdays_utc[${index}]`
    if (!Number.isInteger(day) || day < 1 || day > 7) throw invalidField(dayField, 'must be from 1 to 7')
    if (card.weekdays?.indexOf(day) !== index) throw invalidField(dayField, `repeats ${day}`)
  }
  const { unitRates = [] } = card
  if (card.rates.length + unitRates.length === 0) {
    throw invalidField(`${field}.rates`, 'must have at least one rate')
  }
  const seen = new Set<Meter>()
  for (const [index, rate] of card.rates.entries()) {
    const rateField = `${field}.rates[${index}]`
    if (seen.has(rate.meter)) throw invalidField(`${rateField}.meter`, `repeats ${rate.meter}`)
    seen.add(rate.meter)
    if (rate.priceNanousd < 0n) throw invalidField(`${rateField}.price_nanousd`, 'must not be negative')
    if (rate.per !== perOf(rate.meter)) {
      throw invalidField(`${rateField}.per`, `must be ${perOf(rate.meter)} for ${rate.meter}`)
    }
  }
  validateUnitRates(unitRates, { field, firstIndex: card.rates.length })
}

/**
 * One request for each kind that the cards distinguish: conditions change only at their own bounds. Undefined if there are too
 * many kinds.
 */
export function pointsOf(cards: readonly RateCard[]): Point[] | undefined {
  const sizes = distinct(0n, cards, (card) => (card.aboveInputTokens ?? -1n) + 1n)
  const tiers = distinct('', cards, (card) => card.serviceTier ?? '')
  const speeds = distinct('', cards, (card) => card.speed ?? '')
  const geographies = distinct('', cards, (card) => card.geography ?? '')
  const minutes = [
    ...new Set([0, ...cards.flatMap(({ daily: day }) => (day ? [day.fromMinute, day.toMinute] : []))]),
  ]
  const weekdays = cards.some((card) => card.weekdays !== undefined) ? [1, 2, 3, 4, 5, 6, 7] : [1]
  const kinds = [sizes, tiers, speeds, geographies, minutes, weekdays]
  if (kinds.reduce((count, { length }) => count * length, 1) > POINTS_MAX) return undefined
  return sizes.flatMap((inputTokens) =>
    tiers.flatMap((serviceTier) =>
      speeds.flatMap((speed) =>
        geographies.flatMap((geography) =>
          minutes.flatMap((minute) =>
            weekdays.map((weekday) => ({
              inputTokens,
              conditions: { serviceTier, speed, geography },
              minute,
              weekday,
            })),
          ),
        ),
      ),
    ),
  )
}

function distinct<T>(first: T, cards: readonly RateCard[], of: (card: RateCard) => T): T[] {
  return [...new Set([first, ...cards.map(of)])]
}
