import type { Nanousd } from '../money'
import type { Conditions } from '../rating/price'
import { NO_CONDITIONS } from '../rating/rateCards'
import { NOTHING_SERVED, type Served } from '../usage/served'

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
  /** The conditions that choose the card. Absent if no price was found, or the tier is enough. */
  rated?: RatedAs
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
  const { stated, unreadFields, assumptions, rated, reportedCost } = serving
  const isPlain =
    reportedCost === undefined &&
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
}: Serving): ServingJson {
  const facts = FACTS.flatMap((fact) => (stated[fact] === '' ? [] : [[fact, stated[fact]] as const]))
  return {
    ...(facts.length > 0 && { stated: Object.fromEntries(facts) }),
    ...(unreadFields.length > 0 && { unread: unreadFields }),
    ...(assumptions.length > 0 && { assumed: assumptions }),
    ...(rated !== undefined && {
      rated: {
        serviceTier: rated.serviceTier,
        speed: rated.speed,
        geography: rated.geography,
        rateBasisPoints: rated.rateBasisPoints,
      },
    }),
    ...(reportedCost !== undefined && { cost: costToJson(reportedCost) }),
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

export function servingFromJson({ stated, unread = [], assumed = [], rated, cost }: ServingJson): Serving {
  return {
    stated: { ...NOTHING_SERVED, ...stated },
    unreadFields: unread,
    assumptions: assumed,
    ...(rated !== undefined && { rated }),
    ...(cost !== undefined && { reportedCost: costFromJson(cost) }),
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
