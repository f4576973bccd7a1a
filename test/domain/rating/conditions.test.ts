import { conditionsOf, type TierRule } from '../../../src/domain/rating/conditions'
import type { Conditions, RateCard } from '../../../src/domain/rating/price'
import { NO_CONDITIONS } from '../../../src/domain/rating/rateCards'
import { NOTHING_SERVED, type Served } from '../../../src/domain/usage/served'

const rates: RateCard['rates'] = [{ meter: 'INPUT_TOKENS', priceNanousd: 1n, per: 1_000_000n }]
const tiered: RateCard[] = [{ serviceTier: 'priority', rates }, { serviceTier: 'Batch', rates }, { rates }]
const fastTier: RateCard[] = [{ serviceTier: 'fast', rates }, { rates }]
const fastSpeed: RateCard[] = [{ speed: 'fast', geography: 'us', rates }, { speed: 'fast', rates }, { rates }]
const searched: RateCard[] = [{ serviceTier: 'search_context_low', rates }, { rates }]
const plain: RateCard[] = [{ rates }]

interface Case {
  title: string
  cards: RateCard[]
  asked?: Partial<Conditions>
  stated?: Partial<Served>
  rules?: TierRule[]
  chosen?: Partial<Conditions> & { rateBasisPoints?: number }
}

const cases: Case[] = [
  { title: 'nothing in particular', cards: tiered },
  {
    title: 'the tier that was asked for',
    cards: tiered,
    asked: { serviceTier: 'priority' },
    chosen: { serviceTier: 'priority' },
  },
  {
    title: 'served in the ordinary tier after all (BerriAI/litellm 31837)',
    cards: tiered,
    asked: { serviceTier: 'priority' },
    stated: { serviceTier: 'default' },
  },
  {
    title: 'a batch, inside of which OpenAI’s bodies name the ordinary tier',
    cards: tiered,
    asked: { serviceTier: 'batch' },
    stated: { serviceTier: 'default' },
    chosen: { serviceTier: 'Batch' },
  },
  {
    title: 'served as no batch after all, where the provider names its batches',
    cards: tiered,
    asked: { serviceTier: 'batch' },
    stated: { serviceTier: 'standard' },
  },
  {
    title: 'served in a tier that was not asked for (BerriAI/litellm 30558)',
    cards: tiered,
    stated: { serviceTier: 'priority' },
    chosen: { serviceTier: 'priority' },
  },
  {
    title: 'a tier in other letters',
    cards: tiered,
    stated: { serviceTier: 'batch' },
    chosen: { serviceTier: 'Batch' },
  },
  ...['auto', 'standard', 'on_demand', 'default'].map((serviceTier) => ({
    title: `${serviceTier} is the ordinary tier`,
    cards: plain,
    asked: { serviceTier },
  })),
  {
    title: 'a speed that the price knows as a tier (maximhq/bifrost 4267)',
    cards: fastTier,
    stated: { speed: 'fast' },
    chosen: { serviceTier: 'fast' },
  },
  {
    title: 'a tier that the price knows as a speed (BerriAI/litellm 38378)',
    cards: fastSpeed,
    asked: { serviceTier: 'fast' },
    stated: { speed: 'fast', geography: 'us' },
    chosen: { speed: 'fast', geography: 'us' },
  },
  { title: 'a place that the price does not tell apart', cards: tiered, stated: { geography: 'us' } },
  {
    title: 'how much of the web was read, where the fee depends on it (vercel/ai 13705)',
    cards: searched,
    stated: { searchContextSize: 'low' },
    chosen: { serviceTier: 'search_context_low' },
  },
  {
    title: 'how much of the web was read, where it does not',
    cards: plain,
    stated: { searchContextSize: 'low' },
  },
  {
    title: 'a tier that the operator maps to another',
    cards: tiered,
    stated: { serviceTier: 'scale' },
    rules: [{ provider: '*', tier: 'scale', as: { tier: 'priority' } }],
    chosen: { serviceTier: 'priority' },
  },
  {
    title: 'a tier that the operator maps to a multiple',
    cards: plain,
    stated: { serviceTier: 'flex' },
    rules: [
      { provider: 'other', tier: 'flex', as: { rateBasisPoints: 1 } },
      { provider: 'acme', tier: 'flex', as: { rateBasisPoints: 5_000 } },
    ],
    chosen: { rateBasisPoints: 5_000 },
  },
]

test.each(cases)('$title', ({ cards, asked, stated, rules = [], chosen }) => {
  expect(choose({ title: '', cards, rules, ...(asked && { asked }), ...(stated && { stated }) })).toEqual({
    ...NO_CONDITIONS,
    rateBasisPoints: 10_000,
    ...chosen,
  })
})

test.each<[string, Case]>([
  ['a tier that nobody knows', { title: '', cards: tiered, asked: { serviceTier: 'flex' } }],
  ['a speed that nobody knows', { title: '', cards: tiered, stated: { speed: 'fast' } }],
  ['a tier of a price without any', { title: '', cards: plain, stated: { serviceTier: 'batch' } }],
])('%s is refused, with those that are known', (_, each) => {
  const known = each.cards.flatMap(({ serviceTier }) => serviceTier ?? []).join(',')
  expect(() => choose(each)).toThrow(
    expect.objectContaining({
      reason: 'SERVICE_TIER_UNKNOWN',
      metadata: expect.objectContaining({ known_tiers: known }),
    }),
  )
})

function choose({ cards, asked, stated, rules = [] }: Case) {
  return conditionsOf(cards, {
    asked: { ...NO_CONDITIONS, ...asked },
    stated: { ...NOTHING_SERVED, ...stated },
    provider: 'acme',
    rules,
  })
}
