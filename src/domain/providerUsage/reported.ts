import { invalidField } from '../errors'
import { COUNT_MAX } from '../usage/usage'

/** A JSON object that a provider sent, read field by field: what is nonsense is refused under its own name. */
export interface Reported {
  /** Its path, for errors: `provider_usage.json.usage`. */
  readonly field: string
  /** A count; undefined where it is absent or null, which providers use alike. An explicit zero is a zero. */
  count(name: string): bigint | undefined
  /** A nested object; an empty one where it is absent or null. */
  object(name: string): Reported
  /** A nested array's objects. */
  list(name: string): Reported[]
  text(name: string): string | undefined
  has(name: string): boolean
}

export type JsonObject = Readonly<Record<string, unknown>>

export function reportedOf(value: JsonObject, field: string): Reported {
  const pathOf = (name: string): string => `${field}.${name}`
  return {
    field,
    count: (name) => countOf(value[name], pathOf(name)),
    object: (name) => reportedOf(objectOf(value[name] ?? {}, pathOf(name)), pathOf(name)),
    list: (name) => listOf(value[name] ?? [], pathOf(name)),
    text: (name) => (typeof value[name] === 'string' ? value[name] : undefined),
    has: (name) => value[name] !== undefined && value[name] !== null,
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

function objectOf(value: unknown, path: string): JsonObject {
  if (!isJsonObject(value)) throw invalidField(path, 'must be an object')
  return value
}

function listOf(value: unknown, path: string): Reported[] {
  if (!Array.isArray(value)) throw invalidField(path, 'must be an array')
  return value.map((each, index) => reportedOf(objectOf(each, `${path}[${index}]`), `${path}[${index}]`))
}

/** A count that a usage can't do without. */
export function requiredCount(reported: Reported, name: string): bigint {
  const count = reported.count(name)
  if (count === undefined) throw invalidField(`${reported.field}.${name}`, 'is missing')
  return count
}
