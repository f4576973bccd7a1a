import type { Served } from '../served'
import type { Usage } from '../usage'
import type { JsonObject, Reported } from './reported'

/** How one provider reports usage. */
export interface ProviderUsageFormat {
  /** Where a body, or one event of a stream, may have its usage object. The first that is there counts. */
  readonly paths: readonly (readonly (string | number)[])[]
  /** Fields of the usage object itself, any of which tells it from a body. */
  readonly marks: readonly string[]
  /** Combines two usage objects of one stream. By default, see `latestCounts`. */
  readonly merge?: (earlier: JsonObject, later: JsonObject) => JsonObject
  /** Names a body that ends a response of its own. The usages of several such bodies add up. */
  readonly finishedResponse?: (body: JsonObject) => string | undefined
  /** Every count that isn't stated is zero. The totals include all their parts. */
  readonly usageOf: (reported: Reported, context: ReadingContext) => Partial<Usage>
  /** Counts that the bodies state beside their usage objects. */
  readonly besides?: (bodies: readonly Reported[], context: ReadingContext) => Partial<Usage>
  /** Calls of the provider's own tools that have a fee and that no meter counts, by their paths in the body. */
  readonly unratedCalls?: (body: Reported) => string[]
  /** How the provider says that it served the call. */
  readonly servedOf: (body: Reported, usage: Reported) => Partial<Served>
}

export interface ReadingContext {
  /** As the gateway named it. */
  readonly model: string
  /** Notes what was taken for granted where the counts could mean more than one thing. */
  assume(what: string): void
}

/**
 * What a stream has used by its later object. A count that is zero, null or left out there keeps its earlier
 * value: servers end streams with placeholders (https://github.com/pydantic/pydantic-ai/issues/7913).
 */
export function latestCounts(earlier: JsonObject, later: JsonObject): JsonObject {
  const merged: Record<string, unknown> = { ...earlier }
  for (const [name, value] of Object.entries(later)) merged[name] = latestOf(earlier[name], value)
  return merged
}

function latestOf(earlier: unknown, later: unknown): unknown {
  if (earlier === undefined || earlier === null) return later
  if (later === undefined || later === null || later === 0 || later === '') return earlier
  if (Array.isArray(later)) return later.length === 0 ? earlier : later
  if (typeof later === 'object' && typeof earlier === 'object' && !Array.isArray(earlier)) {
    return latestCounts(earlier as JsonObject, later as JsonObject)
  }
  return later
}

/** Counts of the last body that has one above zero. */
export function lastCounts(
  bodies: readonly Reported[],
  read: (body: Reported) => Partial<Usage>,
): Partial<Usage> {
  const isAboveZero = (counts: Partial<Usage>): boolean =>
    Object.values(counts).some((count) => typeof count === 'bigint' && count > 0n)
  return bodies.map(read).findLast(isAboveZero) ?? {}
}
