import { scaledDecimalOf } from '../../decimal'
import { invalidField } from '../../errors'
import { MICROUNITS } from '../units'
import { COUNT_MAX } from '../usage'

/** A JSON object that a provider sent, read field by field. Nonsense is refused under its own name. */
export interface Reported {
  /** Its path, for errors: `provider_usage.json.usage`. */
  readonly field: string
  /** A count. Undefined where it is absent or null, which providers use alike. An explicit zero is a zero. */
  count(name: string): bigint | undefined
  /** A number with decimals, or its text, in millionths. Undefined as of {@link count}. */
  decimal(name: string): bigint | undefined
  /** A nested object. An empty one where it is absent or null. */
  object(name: string): Reported
  /** The objects of a nested array. */
  list(name: string): Reported[]
  text(name: string): string | undefined
  /** The texts of a nested array. Empty where it is none. */
  texts(name: string): string[]
  has(name: string): boolean
  /** Says that these fields, and what is in them, repeat or explain other counts: leaving them out is right. */
  understood(...names: string[]): void
  /** Numbers that look like counts and that were not read, as paths below this object. */
  unread(): string[]
}

export type JsonObject = Readonly<Record<string, unknown>>

export function reportedOf(value: JsonObject, field: string): Reported {
  return trackedOf(value, field, new Set())
}

/** `seen` holds the paths that were read, of this object and of those inside of it. */
function trackedOf(value: JsonObject, field: string, seen: Set<string>): Reported {
  const pathOf = (name: string): string => `${field}.${name}`
  return {
    field,
    count: (name) => {
      seen.add(pathOf(name))
      return countOf(value[name], pathOf(name))
    },
    decimal: (name) => {
      seen.add(pathOf(name))
      return microunitsOf(value[name], pathOf(name))
    },
    object: (name) => trackedOf(objectOf(value[name] ?? {}, pathOf(name)), pathOf(name), seen),
    list: (name) => listOf(value[name] ?? [], pathOf(name), seen),
    text: (name) => (typeof value[name] === 'string' ? value[name] : undefined),
    texts: (name) => {
      const list: unknown = value[name]
      return Array.isArray(list) ? list.filter((each) => typeof each === 'string') : []
    },
    has: (name) => value[name] !== undefined && value[name] !== null,
    understood: (...names) => {
      for (const name of names) seen.add(pathOf(name))
    },
    unread: () => unreadIn(value, field, seen).map((path) => path.slice(field.length + 1)),
  }
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function countOf(value: unknown, path: string): bigint | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'number') throw invalidField(path, 'must be a number')
  if (value < 0) throw invalidField(path, 'must not be negative')
  if (value > Number(COUNT_MAX)) throw invalidField(path, `must be at most ${COUNT_MAX}`)
  if (!Number.isInteger(value)) throw invalidField(path, 'must be a whole number')
  return BigInt(value)
}

function microunitsOf(value: unknown, path: string): bigint | undefined {
  if (value === undefined || value === null) return undefined
  const micro = typeof value === 'number' || typeof value === 'string' ? scaledDecimalOf(value, 6) : undefined
  if (micro === undefined) throw invalidField(path, 'must be a number')
  if (micro < 0n) throw invalidField(path, 'must not be negative')
  if (micro > COUNT_MAX * MICROUNITS) throw invalidField(path, `must be at most ${COUNT_MAX}`)
  return micro
}

function objectOf(value: unknown, path: string): JsonObject {
  if (!isJsonObject(value)) throw invalidField(path, 'must be an object')
  return value
}

function listOf(value: unknown, path: string, seen: Set<string>): Reported[] {
  if (!Array.isArray(value)) throw invalidField(path, 'must be an array')
  return value.map((each, index) => trackedOf(objectOf(each, `${path}[${index}]`), `${path}[${index}]`, seen))
}

/** A count that a usage can't do without. */
export function requiredCount(reported: Reported, name: string): bigint {
  const count = reported.count(name)
  if (count === undefined) throw invalidField(`${reported.field}.${name}`, 'is missing')
  return count
}

/** Names of numbers that count nothing that is billed: money, times, places in a list. */
const NO_COUNT = /cost|price|ticks|latency|duration|(^|_)time|_at$|timestamp|created|index|version|(^|_)id$/i

/** No usage is nested deeper. */
const DEPTH_MAX = 16

/** A zero says that nothing was used, so nothing is lost where it is not read. */
function unreadIn(value: unknown, path: string, seen: ReadonlySet<string>, depth = 0): string[] {
  if (seen.has(path) || depth > DEPTH_MAX) return []
  if (Array.isArray(value))
    return value.flatMap((each, index) => unreadIn(each, `${path}[${index}]`, seen, depth + 1))
  if (isJsonObject(value)) {
    return Object.entries(value).flatMap(([name, each]) =>
      NO_COUNT.test(name) ? [] : unreadIn(each, `${path}.${name}`, seen, depth + 1),
    )
  }
  return typeof value === 'number' && Number.isInteger(value) && value > 0 ? [path] : []
}
