import { decimalTextOf } from '../decimal'
import { BillingError, invalidField } from '../errors'

/*
 * Named units: what is billed neither by the token nor by a meter of its own, such as seconds, images and pages.
 * A count is kept as millionths of a unit, so that decimals stay exact.
 */

/** Names of units to their counts in millionths. No count is zero; names are sorted. */
export type Units = Readonly<Record<string, bigint>>

/** Millionths in a unit. */
export const MICROUNITS = 1_000_000n

/** Video tokens of the input and of the output. They are parts of the totals, unlike all other units. */
export const VIDEO_TOKEN = 'video_token'
export const VIDEO_OUTPUT_TOKEN = 'video_output_token'

/** Of a rerank. */
export const SEARCH_UNIT = 'search_unit'

const UNITS_MAX = 32
const NAME_CHARACTERS_MAX = 128
const COUNT_MICROUNITS_MAX = 10n ** 12n * MICROUNITS

const NAME = /^[a-z][a-z0-9_]*(?:\/[A-Za-z0-9_.:-]+)*$/
const COUNT = /^\d{1,13}(?:\.\d{1,6})?$/

/** Whether these are tokens: their cost is a cost of tokens, and their counts are whole. */
export function isTokenUnit(unit: string): boolean {
  return unit === VIDEO_TOKEN || unit === VIDEO_OUTPUT_TOKEN
}

/** A unit that a usage may name: `image`, `image/hd/1024x1792`. */
export function isUnitName(name: string): boolean {
  return name.length <= NAME_CHARACTERS_MAX && NAME.test(name)
}

/** A unit that a rate may name: as {@link isUnitName}, or all qualified ones of a kind, `image/*`. */
export function isRatedUnitName(name: string): boolean {
  return isUnitName(name.endsWith('/*') ? name.slice(0, -2) : name)
}

export const UNIT_NAME_RULE = `must have at most ${NAME_CHARACTERS_MAX} characters: lower-case letters, digits and _, from a letter on, and qualifiers of letters, digits, _, ., : and - after slashes, such as image/hd`

/**
 * Reads names and decimal counts. Counts of zero are left out; undefined where nothing is left.
 *
 * @param field what an error names: `usage.units`
 * @throws BillingError INVALID_FIELD
 */
export function readUnits(counts: Readonly<Record<string, string>>, field: string): Units | undefined {
  let units: Record<string, bigint> | undefined
  let stated = 0
  // Counted by hand, because most usages have none and this runs for every charge.
  for (const name in counts) {
    stated += 1
    if (stated > UNITS_MAX) throw invalidField(field, `must be at most ${UNITS_MAX} units`)
    const micro = microunitsIn(name, counts[name] ?? '', field)
    if (micro > 0n) units = { ...units, [name]: micro }
  }
  return units && sortedUnits(units)
}

function microunitsIn(name: string, count: string, field: string): bigint {
  if (!isUnitName(name)) throw invalidUnit(field, name, `is no name of a unit: it ${UNIT_NAME_RULE}`)
  if (count.startsWith('-')) throw invalidUnit(field, name, 'must not be negative')
  if (!COUNT.test(count)) {
    throw invalidUnit(field, name, 'must be a decimal number with at most six places, such as 2 or 12.5')
  }
  const micro = microunitsOf(count)
  checkCount(name, micro, field)
  return micro
}

function invalidUnit(field: string, name: string, problem: string): BillingError {
  const path = `${field}[${JSON.stringify(name.slice(0, NAME_CHARACTERS_MAX))}]`
  return new BillingError('INVALID_FIELD', `${path} ${problem}`, { field })
}

/** Refuses counts out of range, and tokens that aren't whole. */
export function checkUnits(units: Units, field: string): void {
  const names = Object.keys(units)
  if (names.length > UNITS_MAX) throw invalidField(field, `must be at most ${UNITS_MAX} units`)
  for (const name of names) {
    if (!isUnitName(name)) throw invalidUnit(field, name, `is no name of a unit: it ${UNIT_NAME_RULE}`)
    checkCount(name, units[name] ?? 0n, field)
  }
}

function checkCount(name: string, micro: bigint, field: string): void {
  if (micro < 0n) throw invalidUnit(field, name, 'must not be negative')
  if (micro > COUNT_MICROUNITS_MAX) {
    throw invalidUnit(field, name, `must be at most ${COUNT_MICROUNITS_MAX / MICROUNITS}`)
  }
  if (isTokenUnit(name) && micro % MICROUNITS !== 0n) throw invalidUnit(field, name, 'must be a whole number')
}

/** In millionths, as a decimal string without trailing zeros. */
export function unitCountOf(micro: bigint): string {
  return decimalTextOf(micro, MICROUNITS)
}

/** The reverse of {@link unitCountOf}, for what it wrote. */
export function microunitsOf(count: string): bigint {
  const [whole = '', decimals = ''] = count.split('.')
  return BigInt(whole) * MICROUNITS + BigInt(decimals.padEnd(6, '0'))
}

/** Units with their counts as decimal texts: what JSON and the wire have. */
export function unitsToText(units: Units): Record<string, string> {
  return Object.fromEntries(Object.entries(units).map(([name, micro]) => [name, unitCountOf(micro)]))
}

/** The reverse of {@link unitsToText}, in any order. */
export function unitsFromText(text: Readonly<Record<string, string>>): Units {
  return sortedUnits(
    Object.fromEntries(Object.entries(text).map(([name, count]) => [name, microunitsOf(count)])),
  )
}

/** Both together. */
export function addUnits(first: Units | undefined, second: Units | undefined): Units | undefined {
  if (first === undefined || second === undefined) return first ?? second
  const sum: Record<string, bigint> = { ...first }
  for (const [name, micro] of Object.entries(second)) sum[name] = (sum[name] ?? 0n) + micro
  return sortedUnits(sum)
}

export function isSameUnits(a: Units | undefined, b: Units | undefined): boolean {
  if (a === b) return true
  const [ofA, ofB] = [a ?? {}, b ?? {}]
  const names = Object.keys(ofA)
  return names.length === Object.keys(ofB).length && names.every((name) => ofA[name] === ofB[name])
}

/** Tokens of one of the two units that count tokens. */
export function tokensOf(
  units: Units | undefined,
  unit: typeof VIDEO_TOKEN | typeof VIDEO_OUTPUT_TOKEN,
): bigint {
  return units === undefined ? 0n : (units[unit] ?? 0n) / MICROUNITS
}

/** Whole counts as units; zeros are left out. */
export function wholeUnits(counts: Readonly<Record<string, bigint>>): Units | undefined {
  const micro = Object.entries(counts).flatMap(([name, count]) =>
    count === 0n ? [] : [[name, count * MICROUNITS] as const],
  )
  return micro.length === 0 ? undefined : sortedUnits(Object.fromEntries(micro))
}

/** In one order, so that equal usages are written alike. */
export function sortedUnits(units: Units): Units {
  const names = Object.keys(units)
  if (names.length < 2) return units
  return Object.fromEntries(names.sort().map((name) => [name, units[name] ?? 0n]))
}
