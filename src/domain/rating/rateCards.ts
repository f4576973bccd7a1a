import { BillingError, invalidField } from '../errors'
import type { Meter, RateCard } from './price'

/** Units of the per-unit meters are priced one by one, tokens by the million. */
export const TOKENS_PER_RATE = 1_000_000n

/** What a meter without a rate of its own is priced as, in the same card. Meters without a parent are not here. */
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

/** How many units of a meter its rates are for. */
export function perOf(meter: Meter): bigint {
  return isTokenMeter(meter) ? TOKENS_PER_RATE : 1n
}

/** What a card is chosen by. */
export interface CardChoice {
  inputTokens: bigint
  serviceTier: string
  at: Date
}

/** The first card whose conditions hold. It prices the whole request: a cliff, as the providers bill. */
export function selectRateCard(cards: readonly RateCard[], choice: CardChoice): RateCard {
  const minute = choice.at.getUTCHours() * 60 + choice.at.getUTCMinutes()
  const card = cards.find((candidate) =>
    holds(candidate, { inputTokens: choice.inputTokens, serviceTier: choice.serviceTier, minute }),
  )
  if (card === undefined) {
    throw new BillingError('MODEL_PRICE_MISSING', 'the price has no rate card for this request')
  }
  return card
}

interface Point {
  inputTokens: bigint
  serviceTier: string
  /** Of the UTC day. */
  minute: number
}

function holds(card: RateCard, { inputTokens, serviceTier, minute }: Point): boolean {
  if (card.aboveInputTokens !== undefined && inputTokens <= card.aboveInputTokens) return false
  if (card.serviceTier !== undefined && card.serviceTier !== serviceTier) return false
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

/** Refuses, by field, cards that the contract rules out: no unconditional last card, one that can't match, odd rates. */
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
  const reachable = reachableCards(cards)
  const unreachable = cards.findIndex((_, index) => index !== last && !reachable.has(index))
  if (unreachable !== -1) {
    throw invalidField(
      `${fieldPrefix}[${unreachable}]`,
      'can never match: the cards before it cover its conditions',
    )
  }
}

function isUnconditional({ aboveInputTokens, serviceTier, daily }: RateCard): boolean {
  return aboveInputTokens === undefined && serviceTier === undefined && daily === undefined
}

function validateCard(card: RateCard, field: string): void {
  if (card.aboveInputTokens !== undefined && card.aboveInputTokens < 0n) {
    throw invalidField(`${field}.above_input_tokens`, 'must not be negative')
  }
  if (card.daily !== undefined && card.daily.fromMinute === card.daily.toMinute) {
    throw invalidField(`${field}.daily_to_utc`, 'must differ from daily_from_utc')
  }
  if (card.rates.length === 0) throw invalidField(`${field}.rates`, 'must have at least one rate')
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
}

/** Conditions change only at their own bounds, so one point between each two of those stands for all. */
function reachableCards(cards: readonly RateCard[]): Set<number> {
  const sizes = new Set(cards.map((card) => (card.aboveInputTokens ?? -1n) + 1n).concat(0n))
  // Index of a tier that no card names: as good as any other.
  const tiers = new Set(cards.map((card) => card.serviceTier ?? ''))
  const minutes = new Set(
    cards.flatMap(({ daily }) => (daily ? [daily.fromMinute, daily.toMinute] : [])).concat(0),
  )
  const reached = new Set<number>()
  for (const inputTokens of sizes) {
    for (const serviceTier of tiers.add('')) {
      for (const minute of minutes) {
        reached.add(cards.findIndex((card) => holds(card, { inputTokens, serviceTier, minute })))
      }
    }
  }
  return reached
}
