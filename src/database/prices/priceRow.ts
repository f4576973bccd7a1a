import type { Selectable } from 'kysely'
import type { Meter, Price, RateCard } from '../../domain/rating/price'
import type { ModelPriceRow } from '../schema'

/** A version as it is stored. Without a markup, the deployment's markup applies. */
export interface StoredPrice extends Omit<Price, 'markupBasisPoints'> {
  markupBasisPoints?: number
}

/** How `rate_cards` is stored. Amounts are decimal strings, because JSON numbers would be rounded. */
interface StoredCard {
  above_input_tokens?: string
  service_tier?: string
  daily?: { from_minute: number; to_minute: number }
  weekdays?: readonly number[]
  geography?: string
  speed?: string
  rates: { meter: string; price_nanousd: string; per: string }[]
  unit_rates?: { unit: string; price_nanousd: string; per: string }[]
}

export function priceFromRow(row: Selectable<ModelPriceRow>): StoredPrice {
  return {
    priceId: row.price_id,
    model: row.model,
    provider: row.provider,
    source: row.source,
    effectiveFrom: row.effective_from,
    ...(row.effective_to !== null && { effectiveTo: row.effective_to }),
    rateCards: rateCardsFromJson(row.rate_cards),
    ...(row.markup_basis_points !== null && { markupBasisPoints: row.markup_basis_points }),
    ...(row.actor !== null && { actor: row.actor }),
    ...(row.ended_by !== null && { endedBy: row.ended_by }),
  }
}

/** The reverse of {@link rateCardsToJson}, for parsed JSON. */
export function rateCardsFromJson(cards: readonly object[]): RateCard[] {
  return (cards as readonly StoredCard[]).map(cardFromStored)
}

export function rateCardsToJson(cards: readonly RateCard[]): string {
  return JSON.stringify(rateCardsToStored(cards))
}

export function rateCardsToStored(cards: readonly RateCard[]): object[] {
  return cards.map(cardToStored)
}

function cardFromStored(stored: StoredCard): RateCard {
  return {
    ...(stored.above_input_tokens !== undefined && { aboveInputTokens: BigInt(stored.above_input_tokens) }),
    ...(stored.service_tier !== undefined && { serviceTier: stored.service_tier }),
    ...(stored.daily !== undefined && {
      daily: { fromMinute: stored.daily.from_minute, toMinute: stored.daily.to_minute },
    }),
    ...(stored.weekdays !== undefined && { weekdays: stored.weekdays }),
    ...(stored.geography !== undefined && { geography: stored.geography }),
    ...(stored.speed !== undefined && { speed: stored.speed }),
    rates: stored.rates.map(({ meter, price_nanousd, per }) => ({
      meter: meter as Meter,
      priceNanousd: BigInt(price_nanousd),
      per: BigInt(per),
    })),
    ...(stored.unit_rates !== undefined && {
      unitRates: stored.unit_rates.map(({ unit, price_nanousd, per }) => ({
        unit,
        priceNanousd: BigInt(price_nanousd),
        per: BigInt(per),
      })),
    }),
  }
}

function cardToStored(card: RateCard): StoredCard {
  return {
    ...(card.aboveInputTokens !== undefined && { above_input_tokens: card.aboveInputTokens.toString() }),
    ...(card.serviceTier !== undefined && { service_tier: card.serviceTier }),
    ...(card.daily !== undefined && {
      daily: { from_minute: card.daily.fromMinute, to_minute: card.daily.toMinute },
    }),
    ...(card.weekdays !== undefined && { weekdays: card.weekdays }),
    ...(card.geography !== undefined && { geography: card.geography }),
    ...(card.speed !== undefined && { speed: card.speed }),
    rates: card.rates.map(({ meter, priceNanousd, per }) => ({
      meter,
      price_nanousd: priceNanousd.toString(),
      per: per.toString(),
    })),
    ...(card.unitRates !== undefined && {
      unit_rates: card.unitRates.map(({ unit, priceNanousd, per }) => ({
        unit,
        price_nanousd: priceNanousd.toString(),
        per: per.toString(),
      })),
    }),
  }
}
