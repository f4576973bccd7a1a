import type { Nanousd } from '../money'
import type { Usage, UsageSource } from '../usage/usage'
import type { PricedAs } from './pricedAs'
import type { Serving } from './serving'

export type { PricedAs } from './pricedAs'

export type StreamEnd = 'unspecified' | 'completed' | 'cancelled' | 'failed'

/** A call as the gateway reported it, beside its usage. Strings that weren't given are empty. */
export interface ReportedCall {
  model: string
  provider: string
  serviceTier: string
  quoteId: string
  apiKeyId: string
  labels: Readonly<Record<string, string>>
  /** Chooses the price version and the time-of-day card. Of a stream: the time of its open. */
  occurredAt: Date
}

/** What a request states about its call, beside the time. */
export type StatedCall = Omit<ReportedCall, 'occurredAt'>

/** A call as a request states it; `occurredAt` absent = now. */
export type CallRequest = StatedCall & { occurredAt?: Date }

/** Written out, like {@link chargeDetailOf}. */
export function reportedCallOf(call: StatedCall, occurredAt: Date): ReportedCall {
  return {
    model: call.model,
    provider: call.provider,
    serviceTier: call.serviceTier,
    quoteId: call.quoteId,
    apiKeyId: call.apiKeyId,
    labels: call.labels,
    occurredAt,
  }
}

/** A call with the price that was pinned for it. */
export interface PinnedCall {
  reported: ReportedCall
  priced: PricedAs
  /** Absent where nothing is known beyond the tier that was asked for. */
  serving?: Serving
}

/**
 * A call's usage, rated: everything that the amount follows from, so that rating it again gives the same amount. Line items
 * are not stored; they follow from the immutable price version.
 */
export interface RatedCall extends PinnedCall {
  usage: Usage
  usageSource: UsageSource
  /** Before markup. */
  costNanousd: Nanousd
  /** After markup: what is to be deducted. */
  amountNanousd: Nanousd
}

/** The canonical name, where a source lists a price. A model that only the default price or a stated cost covers may have any name. */
export function listedModelOf({ model, source }: Pick<PricedAs, 'model' | 'source'>): string | undefined {
  return source === 'default' || source === 'reported' ? undefined : model
}

/** What a posting makes of a rated call. */
export interface ChargeOutcome {
  /** What was deducted. */
  amountNanousd: Nanousd
  /** A trial charge deducts nothing; `forgoneNanousd` is what it would have cost. */
  trial: boolean
  forgoneNanousd: Nanousd
  /** Part of a settlement that the balance could not pay; a deduction failure holds it. */
  shortfallNanousd: Nanousd
  /** The posting went over the daily limit, which does not stop settlements and deferred charges. */
  overDailyLimit: boolean
  /** Only of a settled stream. */
  end?: StreamEnd
}

/**
 * What a charge or settlement entry records beside its deltas. Rating the usage again gives
 * `amountNanousd + shortfallNanousd + forgoneNanousd`.
 *
 * An adjustment records the usage, its cost before markup and the end as they are after it, for the whole call; its
 * `amountNanousd`, `forgoneNanousd` and `shortfallNanousd` are signed differences to the settlement's.
 */
export interface ChargeDetail extends Omit<RatedCall, 'amountNanousd'>, ChargeOutcome {}

/** Written out instead of spread: V8 takes a microsecond for each field that is added to a finished copy. */
export function chargeDetailOf(rated: RatedCall, outcome: ChargeOutcome): ChargeDetail {
  const detail: ChargeDetail = {
    reported: rated.reported,
    priced: rated.priced,
    usage: rated.usage,
    usageSource: rated.usageSource,
    costNanousd: rated.costNanousd,
    amountNanousd: outcome.amountNanousd,
    trial: outcome.trial,
    forgoneNanousd: outcome.forgoneNanousd,
    shortfallNanousd: outcome.shortfallNanousd,
    overDailyLimit: outcome.overDailyLimit,
  }
  if (rated.serving !== undefined) detail.serving = rated.serving
  if (outcome.end !== undefined) detail.end = outcome.end
  return detail
}

/** What a charge's usage costs, whichever pot paid it: the amount that rating it again must give. */
export function ratedAmountOf(charge: ChargeDetail): Nanousd {
  return charge.amountNanousd + charge.shortfallNanousd + charge.forgoneNanousd
}
