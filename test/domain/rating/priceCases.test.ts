import { rateAnomaly } from '../../../src/domain/rating/bounds'
import type { Meter, RateCard } from '../../../src/domain/rating/price'
import { NO_CONDITIONS, perOf, validateRateCards } from '../../../src/domain/rating/rateCards'
import { rate } from '../../../src/domain/rating/rating'
import { checkUsage } from '../../../src/domain/usage/checkUsage'
import { readProviderUsage } from '../../../src/domain/usage/readProviderUsage'
import { NO_USAGE, type Usage } from '../../../src/domain/usage/usage'
import priceCases from './priceCases.json'

// Facts from the tests and issues of other systems; each case says which. Rates are nano-USD a million tokens, or a unit.
interface PriceCase {
  id: string
  title: string
  rateCards: { aboveInputTokens?: number; rates: Partial<Record<Meter, number>> }[]
  usage: Record<string, number>
  expectedNanousd: number
  providerUsage?: { format: string; json: unknown }
  source: string
}

const cases = priceCases as PriceCase[]

test.each(cases)('$id: $title', ({ rateCards, usage, expectedNanousd }) => {
  const cards = rateCards.map(cardOf)
  const used = usageOf(usage)
  validateRateCards(cards, 'rate_cards')
  expect(rateAnomaly(cards)).toBeUndefined()
  checkUsage(used, 'usage')
  const rating = rate({ rateCards: cards, markupBasisPoints: 0 }, request(used))
  expect(rating.amountNanousd).toBe(BigInt(expectedNanousd))
  expect(rating.costNanousd).toBe(BigInt(expectedNanousd))
})

test.each(cases.filter(({ providerUsage }) => providerUsage !== undefined))(
  "$id: the provider's own usage object comes to the same",
  ({ id, rateCards, usage, expectedNanousd, providerUsage }) => {
    const { format, json } = providerUsage ?? { format: '', json: undefined }
    const asked = { model: '', fieldPrefix: 'provider_usage' }
    const { usage: normalised } = readProviderUsage({ format, json: JSON.stringify(json) }, asked)
    // This one's source says nothing of the image part, which costs what any input does at its rates.
    const unsaid = id === 'll-overlap-cached-image' ? { imageInputTokens: 80n } : {}
    expect(normalised).toEqual({ ...usageOf(usage), ...unsaid })
    const rating = rate({ rateCards: rateCards.map(cardOf), markupBasisPoints: 0 }, request(normalised))
    expect(rating.amountNanousd).toBe(BigInt(expectedNanousd))
  },
)

function request(usage: Usage) {
  return { usage, conditions: NO_CONDITIONS, at: new Date('2026-01-01T12:00:00Z') }
}

function cardOf({ aboveInputTokens, rates }: PriceCase['rateCards'][number]): RateCard {
  return {
    ...(aboveInputTokens !== undefined && { aboveInputTokens: BigInt(aboveInputTokens) }),
    rates: Object.entries(rates).map(([meter, price]) => ({
      meter: meter as Meter,
      priceNanousd: BigInt(price),
      per: perOf(meter as Meter),
    })),
  }
}

function usageOf(counts: Record<string, number>): Usage {
  const camelCase = (name: string): string =>
    name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
  const said = Object.entries(counts).map(([name, count]) => [camelCase(name), BigInt(count)])
  return { ...NO_USAGE, ...Object.fromEntries(said) }
}
