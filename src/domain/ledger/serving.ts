import type { Nanousd } from '../money'
import type { Conditions } from '../rating/price'
import { NO_CONDITIONS } from '../rating/rateCards'
import { NOTHING_SERVED, type Served } from '../usage/served'
import { type Usage, usageFromText, usageToText } from '../usage/usage'
import type { PricedAs } from './pricedAs'

/** The known facts about how a call was served and how its usage was read. */
export interface Serving {
  /** The statement of the provider's body, or else the gateway's. */
  stated: Served
  /** Paths of numbers that look like counts and that were not read. */
  unreadFields: readonly string[]
  /** The assumptions about ambiguous counts. */
  assumptions: readonly string[]
  /** The cost that the gateway stated, which is charged in place of the usage's. */
  reportedCost?: ReportedCost
  /** Where several models served a stream: what each of them did. The call's usage is their sum. */
  parts?: readonly ServedPart[]
  /** The conditions that choose the card. Absent if no price was found, or the tier is enough. */
  rated?: RatedAs
}

export interface ServedPart {
  stated: Served
  usage: Usage
  /** The price and the card of this part. Absent until it is rated. */
  as?: { priced: PricedAs; rated: RatedAs }
}

export interface ReportedCost {
  /** Before markup; above zero. */
  reportedNanousd: Nanousd
  /** Who states it, for people. */
  source: string
  /** What the usage would be charged at its price, after markup. Absent until it is rated, and where it has no price. */
  ratedAmountNanousd?: Nanousd
}

export interface RatedAs extends Conditions {
  /** Of the token rates, where an operator maps a tier to a multiple of the ordinary price; 10,000 = once. */
  rateBasisPoints: number
}

export const NO_SERVING: Serving = { stated: NOTHING_SERVED, unreadFields: [], assumptions: [] }

export const RATE_BASIS_POINTS = 10_000

const ORDINARILY_RATED: RatedAs = { ...NO_CONDITIONS, rateBasisPoints: RATE_BASIS_POINTS }

/** The conditions that choose a call's rate card. */
export function ratedAsOf({
  reported,
  serving,
}: {
  reported: { serviceTier: string }
  serving?: Serving
}): RatedAs {
  if (serving?.rated !== undefined) return serving.rated
  const { serviceTier } = reported
  return serviceTier === '' ? ORDINARILY_RATED : { ...ORDINARILY_RATED, serviceTier }
}

/** Undefined if it states nothing beyond the requested tier. */
export function servingOrNothing(serving: Serving, askedTier: string): Serving | undefined {
  const { stated, unreadFields, assumptions, rated, reportedCost, parts } = serving
  const isPlain =
    reportedCost === undefined &&
    parts === undefined &&
    unreadFields.length === 0 &&
    assumptions.length === 0 &&
    (stated === NOTHING_SERVED || Object.values(stated).every((fact) => fact === '')) &&
    (rated === undefined ||
      (rated.serviceTier === askedTier &&
        rated.speed === '' &&
        rated.geography === '' &&
        rated.rateBasisPoints === RATE_BASIS_POINTS))
  return isPlain ? undefined : serving
}

/** As tables, the spool and hashes have it: what is empty is left out, and the order of the fields is fixed. */
export interface ServingJson {
  stated?: Partial<Served>
  unread?: readonly string[]
  assumed?: readonly string[]
  rated?: RatedAs
  cost?: ReportedCostJson
  parts?: ServedPartJson[]
}

interface ServedPartJson {
  stated?: Partial<Served>
  usage: Record<string, string>
  priced?: PricedAs
  rated?: RatedAs
}

/** Amounts as decimal strings. */
interface ReportedCostJson {
  reported: string
  source?: string
  rated?: string
}

export function servingToJson({
  stated,
  unreadFields,
  assumptions,
  rated,
  reportedCost,
  parts,
}: Serving): ServingJson {
  return {
    ...statedToJson(stated),
    ...(unreadFields.length > 0 && { unread: unreadFields }),
    ...(assumptions.length > 0 && { assumed: assumptions }),
    ...(rated !== undefined && { rated: ratedToJson(rated) }),
    ...(reportedCost !== undefined && { cost: costToJson(reportedCost) }),
    ...(parts !== undefined && { parts: parts.map(partToJson) }),
  }
}

function statedToJson(stated: Served): Pick<ServingJson, 'stated'> {
  const facts = FACTS.flatMap((fact) => (stated[fact] === '' ? [] : [[fact, stated[fact]] as const]))
  return facts.length > 0 ? { stated: Object.fromEntries(facts) } : {}
}

/** Also of what jsonb gives back: its order of fields is another. */
function ratedToJson({ serviceTier, speed, geography, rateBasisPoints }: RatedAs): RatedAs {
  return { serviceTier, speed, geography, rateBasisPoints }
}

function pricedToJson(priced: PricedAs): PricedAs {
  const { priceId, model, provider, source, markupBasisPoints, quoteExpired } = priced
  return { priceId, model, provider, source, markupBasisPoints, quoteExpired }
}

function partToJson({ stated, usage, as }: ServedPart): ServedPartJson {
  return {
    ...statedToJson(stated),
    usage: usageToText(usage),
    ...(as !== undefined && { priced: pricedToJson(as.priced), rated: ratedToJson(as.rated) }),
  }
}

function partFromJson({ stated, usage, priced, rated }: ServedPartJson): ServedPart {
  return {
    stated: { ...NOTHING_SERVED, ...stated },
    usage: usageFromText(usage),
    ...(priced !== undefined && rated !== undefined && { as: { priced, rated } }),
  }
}

function costToJson({ reportedNanousd, source, ratedAmountNanousd }: ReportedCost): ReportedCostJson {
  return {
    reported: reportedNanousd.toString(),
    ...(source !== '' && { source }),
    ...(ratedAmountNanousd !== undefined && { rated: ratedAmountNanousd.toString() }),
  }
}

function costFromJson({ reported, source = '', rated }: ReportedCostJson): ReportedCost {
  return {
    reportedNanousd: BigInt(reported),
    source,
    ...(rated !== undefined && { ratedAmountNanousd: BigInt(rated) }),
  }
}

export function servingFromJson({
  stated,
  unread = [],
  assumed = [],
  rated,
  cost,
  parts,
}: ServingJson): Serving {
  return {
    stated: { ...NOTHING_SERVED, ...stated },
    unreadFields: unread,
    assumptions: assumed,
    ...(rated !== undefined && { rated }),
    ...(cost !== undefined && { reportedCost: costFromJson(cost) }),
    ...(parts !== undefined && { parts: parts.map(partFromJson) }),
  }
}

const FACTS: readonly (keyof Served)[] = [
  'model',
  'provider',
  'serviceTier',
  'speed',
  'geography',
  'searchContextSize',
]
