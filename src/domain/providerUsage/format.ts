import type { Usage } from '../usage/usage'
import type { JsonObject, Reported } from './reported'

/** How one provider reports usage. */
export interface ProviderUsageFormat {
  /** Where a body, or one event of a stream, may have its usage object; the first that is there. */
  readonly paths: readonly (readonly string[])[]
  /** A field of the usage object itself, by which it is told from a body: any of them. */
  readonly marks: readonly string[]
  /** Of several in one stream: the last stands, unless the provider spreads one usage over several events. */
  readonly merge?: (earlier: JsonObject, later: JsonObject) => JsonObject
  /** Every count that isn't said is zero. The totals include all their parts. */
  readonly usageOf: (reported: Reported) => Partial<Usage>
  /** What a body says beside its usage object. */
  readonly besides?: (body: Reported) => Partial<Usage>
}
