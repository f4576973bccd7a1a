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
  /** The conditions that choose the card. Absent if no price was found, or the tier is enough. */
  rated?: RatedAs
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
  const { stated, unreadFields, assumptions, rated } = serving
  const isPlain =
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
}

export function servingToJson({ stated, unreadFields, assumptions, rated }: Serving): ServingJson {
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
  }
}

export function servingFromJson({ stated, unread = [], assumed = [], rated }: ServingJson): Serving {
  return {
    stated: { ...NOTHING_SERVED, ...stated },
    unreadFields: unread,
    assumptions: assumed,
    ...(rated !== undefined && { rated }),
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
