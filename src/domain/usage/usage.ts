import { addUnits, microunitsOf, SEARCH_UNIT, sortedUnits, type Units, unitCountOf } from './units'

/**
 * What one model call consumed: the contract's `Usage`. Totals are inclusive; every other token count is a part of
 * one of them. All counts are whole and not negative, at most {@link COUNT_MAX}.
 */
export interface Usage {
  inputTokens: bigint
  outputTokens: bigint
  cacheReadInputTokens: bigint
  cacheCreationInputTokens: bigint
  cacheCreation1hInputTokens: bigint
  reasoningOutputTokens: bigint
  audioInputTokens: bigint
  audioCacheReadInputTokens: bigint
  audioOutputTokens: bigint
  imageInputTokens: bigint
  imageCacheReadInputTokens: bigint
  imageOutputTokens: bigint
  citationOutputTokens: bigint
  webSearches: bigint
  /** Calls made. Absent = 1, but 0 where every other count is 0; see `requestsOf`. */
  requests?: bigint
  /** Named units. Absent where there are none. */
  units?: Units
}

/** A count of the contract; `units` has many. */
export type Count = Exclude<keyof Usage, 'units'>

/** Where the token counts came from. */
export type UsageSource = 'unspecified' | 'provider' | 'estimated'

export const COUNT_MAX = 10n ** 12n

export const NO_USAGE: Usage = {
  inputTokens: 0n,
  outputTokens: 0n,
  cacheReadInputTokens: 0n,
  cacheCreationInputTokens: 0n,
  cacheCreation1hInputTokens: 0n,
  reasoningOutputTokens: 0n,
  audioInputTokens: 0n,
  audioCacheReadInputTokens: 0n,
  audioOutputTokens: 0n,
  imageInputTokens: 0n,
  imageCacheReadInputTokens: 0n,
  imageOutputTokens: 0n,
  citationOutputTokens: 0n,
  webSearches: 0n,
}

type Part = Exclude<Count, 'inputTokens' | 'outputTokens'>

/** Before the name of a unit among the parts of a usage. */
const UNIT_PREFIX = 'unit:'

const PARTS: readonly Part[] = [
  'cacheReadInputTokens',
  'cacheCreationInputTokens',
  'cacheCreation1hInputTokens',
  'reasoningOutputTokens',
  'audioInputTokens',
  'audioCacheReadInputTokens',
  'audioOutputTokens',
  'imageInputTokens',
  'imageCacheReadInputTokens',
  'imageOutputTokens',
  'citationOutputTokens',
  'webSearches',
  'requests',
]

/** Both usages together. Undeclared requests stay undeclared. */
export function addUsages(first: Usage, second: Usage): Usage {
  const sum: Usage = {
    ...first,
    inputTokens: first.inputTokens + second.inputTokens,
    outputTokens: first.outputTokens + second.outputTokens,
  }
  for (const part of PARTS) {
    if (second[part] !== undefined) sum[part] = (first[part] ?? 0n) + second[part]
  }
  const units = addUnits(first.units, second.units)
  if (units !== undefined) sum.units = units
  return sum
}

/**
 * Every count beside the two totals that isn't zero, `requests` where it is given, and the named units as `unit:<name>`, as
 * decimal strings. Storage and hashes keep these.
 */
export function usageParts(usage: Usage): Record<string, string> {
  const parts: Record<string, string> = {}
  for (const part of PARTS) {
    const count = usage[part]
    if (count !== undefined && (count !== 0n || part === 'requests')) parts[part] = count.toString()
  }
  const { units } = usage
  if (units !== undefined) {
    for (const [name, micro] of Object.entries(units)) parts[UNIT_PREFIX + name] = unitCountOf(micro)
  }
  return parts
}

/** All counts as decimal strings, the totals included: what JSON keeps of a usage. */
export function usageToText(usage: Usage): Record<string, string> {
  return {
    inputTokens: usage.inputTokens.toString(),
    outputTokens: usage.outputTokens.toString(),
    ...usageParts(usage),
  }
}

/** The reverse of {@link usageToText}. */
export function usageFromText(text: Readonly<Record<string, string>>): Usage {
  return usageFromParts(BigInt(text['inputTokens'] ?? '0'), BigInt(text['outputTokens'] ?? '0'), text)
}

/** Several usages together. One that doesn't state its requests is one, unless its search units are billed instead. */
export function sumOfUsages(usages: readonly Usage[]): Usage {
  return usages
    .map((usage) =>
      usage.units?.[SEARCH_UNIT] === undefined ? { ...usage, requests: requestsOf(usage) } : usage,
    )
    .reduce(addUsages, NO_USAGE)
}

export function isSameUsage(a: Usage, b: Usage): boolean {
  return (
    a.inputTokens === b.inputTokens &&
    a.outputTokens === b.outputTokens &&
    JSON.stringify(usageParts(a)) === JSON.stringify(usageParts(b))
  )
}

/** The reverse of {@link usageParts}. */
export function usageFromParts(
  inputTokens: bigint,
  outputTokens: bigint,
  parts: Readonly<Record<string, string>>,
): Usage {
  const usage: Usage = { ...NO_USAGE, inputTokens, outputTokens }
  for (const part of PARTS) {
    const count = parts[part]
    if (count !== undefined) usage[part] = BigInt(count)
  }
  const units = unitsInParts(parts)
  if (units !== undefined) usage.units = units
  return usage
}

function unitsInParts(parts: Readonly<Record<string, string>>): Units | undefined {
  let units: Record<string, bigint> | undefined
  for (const part in parts) {
    if (!part.startsWith(UNIT_PREFIX)) continue
    units ??= {}
    units[part.slice(UNIT_PREFIX.length)] = microunitsOf(parts[part] ?? '0')
  }
  // Postgres returns them in its own order.
  return units && sortedUnits(units)
}

/** Calls made: as declared, else one. None where nothing was used. */
export function requestsOf(usage: Usage): bigint {
  if (usage.requests !== undefined) return usage.requests
  return isNothing(usage) ? 0n : 1n
}

/** True where every count is zero. A declared number of requests counts as use. */
function isNothing(usage: Usage): boolean {
  return usage.inputTokens === 0n && usage.outputTokens === 0n && Object.keys(usageParts(usage)).length === 0
}
