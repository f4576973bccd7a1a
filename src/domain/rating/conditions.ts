import { BillingError } from '../errors'
import type { Served } from '../usage/served'
import type { Conditions, RateCard } from './price'

/** What an operator says of a tier that a price doesn't know: another name for it, or a multiple of the ordinary price. */
export interface TierRule {
  /** `*` = any. */
  provider: string
  tier: string
  as: { tier: string } | { rateBasisPoints: number }
}

/** Names of the ordinary way to be served, which no card has to state. */
const ORDINARY = new Set([
  '',
  'default',
  'standard',
  'auto',
  'standard_only',
  'on_demand',
  'on-demand',
  'ondemand',
  'normal',
])
/** An ordinary place. */
const ANYWHERE = new Set(['', 'global', 'not_available', 'default', 'unspecified'])
const SYNONYMS: ReadonlyMap<string, string> = new Map([
  ['batches', 'batch'],
  ['batch_api', 'batch'],
])

export interface ServedQuestion {
  asked: Conditions
  /** What the provider states wins over what was asked. */
  stated: Pick<Served, 'serviceTier' | 'speed' | 'geography' | 'searchContextSize'>
  provider: string
  rules: readonly TierRule[]
}

/**
 * What the rate card of a call is chosen by, in the words of the price's own cards. A speed may be a tier to a price, and the
 * other way round (`fast`).
 *
 * @throws BillingError SERVICE_TIER_UNKNOWN, naming the tiers that the price knows
 */
export function conditionsOf(
  cards: readonly RateCard[],
  { asked, stated, provider, rules }: ServedQuestion,
): Conditions & { rateBasisPoints: number } {
  if (isOrdinary(asked, stated)) return AS_ORDINARY
  const known = { tiers: namesIn(cards, 'serviceTier'), speeds: namesIn(cards, 'speed') }
  const ruleOf = (tier: string) =>
    rules.find(
      (rule) => rule.tier === tier && (rule.provider === '*' || rule.provider === provider.toLowerCase()),
    )
  let rateBasisPoints = 10_000
  let serviceTier = ''
  let speed = ''
  const wanted = new Set([ordinaryOr(tierOf(asked, stated)), ordinaryOr(stated.speed || asked.speed)])
  wanted.delete('')
  for (const name of wanted) {
    const rule = isKnown(known, name) ? undefined : ruleOf(name)?.as
    if (rule !== undefined && 'rateBasisPoints' in rule) {
      rateBasisPoints = rule.rateBasisPoints
      continue
    }
    const meant = rule === undefined ? name : ordinaryOr(rule.tier)
    if (meant === '') continue
    if (known.tiers.has(meant)) serviceTier = known.tiers.get(meant) ?? ''
    else if (known.speeds.has(meant)) speed = known.speeds.get(meant) ?? ''
    else throw tierUnknown(name, [...known.tiers.values(), ...known.speeds.values()])
  }
  const size = known.tiers.get(`search_context_${stated.searchContextSize}`)
  return {
    serviceTier: serviceTier === '' ? (size ?? '') : serviceTier,
    speed,
    geography: geographyOf(cards, stated.geography || asked.geography),
    rateBasisPoints,
  }
}

const AS_ORDINARY = { serviceTier: '', speed: '', geography: '', rateBasisPoints: 10_000 }

/**
 * What the provider states wins over what was asked. A batch is asked for by where a call is sent, and
 * OpenAI's bodies inside of it name their tier as everywhere else.
 */
function tierOf(asked: Conditions, { serviceTier }: Pick<Served, 'serviceTier'>): string {
  if (asked.serviceTier === '' || serviceTier === '') return serviceTier || asked.serviceTier
  const isInBatch = ordinaryOr(asked.serviceTier) === 'batch' && INSIDE_A_BATCH.has(serviceTier.toLowerCase())
  return isInBatch ? asked.serviceTier : serviceTier
}

const INSIDE_A_BATCH = new Set(['default', 'auto'])

/** Most calls. It needs no look at the cards. */
function isOrdinary(asked: Conditions, stated: ServedQuestion['stated']): boolean {
  return (
    ordinaryOr(tierOf(asked, stated)) === '' &&
    ordinaryOr(stated.speed || asked.speed) === '' &&
    stated.searchContextSize === '' &&
    ANYWHERE.has((stated.geography || asked.geography).toLowerCase())
  )
}

function isKnown(
  { tiers, speeds }: { tiers: Map<string, string>; speeds: Map<string, string> },
  name: string,
): boolean {
  return tiers.has(name) || speeds.has(name)
}

/** By their lower-case names, which is how calls are compared with them. */
function namesIn(cards: readonly RateCard[], condition: keyof Conditions): Map<string, string> {
  return new Map(
    cards.flatMap((card) => {
      const name = card[condition]
      return name === undefined ? [] : [[name.toLowerCase(), name] as const]
    }),
  )
}

function ordinaryOr(name: string): string {
  const lower = name.toLowerCase()
  return ORDINARY.has(lower) ? '' : (SYNONYMS.get(lower) ?? lower)
}

/** A price without cards for a place has one price for all places. */
function geographyOf(cards: readonly RateCard[], name: string): string {
  if (ANYWHERE.has(name.toLowerCase())) return ''
  return namesIn(cards, 'geography').get(name.toLowerCase()) ?? ''
}

function tierUnknown(tier: string, known: readonly string[]): BillingError {
  const names = known.filter((name) => !name.startsWith('search_context_'))
  const others = names.length === 0 ? 'only the ordinary one' : names.join(', ')
  return new BillingError(
    'SERVICE_TIER_UNKNOWN',
    `the price has no rates for the service tier ${JSON.stringify(tier)}, it knows ${others}: put a price with a card for it, or map it to a tier or a multiple`,
    { metadata: { service_tier: tier, known_tiers: names.join(',') } },
  )
}
