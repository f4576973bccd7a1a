import { isJsonObject, type JsonObject } from './formats/reported'

/** What is kept of a provider's body whose counts can't be charged. */
export interface KeptBody {
  format: string
  /** A JSON array of bodies, in order of arrival. Empty if they were too large to be kept. */
  json: string
}

/** A usage has at most a few hundred characters. */
export const KEPT_CHARACTERS_MAX = 16_384
const DEPTH_MAX = 16

/** Objects with counts. They are kept with everything in them that is no text. */
const USAGE_OBJECTS: ReadonlySet<string> = new Set([
  'usage',
  'usageMetadata',
  'usage_info',
  'meta',
  'tool_usage',
  'billed_units',
])
/** Objects and lists that may contain one of those, or a fact. */
const CONTAINERS: ReadonlySet<string> = new Set([
  'message',
  'response',
  'body',
  'result',
  'metadata',
  'x_groq',
  'data',
  'choices',
  'delta',
  'output',
  'action',
  'serviceTier',
  'performanceConfig',
  'candidates',
  'groundingMetadata',
])
/** The texts that a format reads. All others may be part of a prompt or an answer. */
const FACTS: ReadonlySet<string> = new Set([
  'id',
  'type',
  'model',
  'modelVersion',
  'service_tier',
  'serviceTier',
  'trafficType',
  'speed',
  'inference_geo',
  'search_context_size',
  'latency',
  'modality',
  'ttl',
  'object',
  'quality',
  'size',
  'item_id',
])
/** What a transcript says, in numbers. */
const NEVER_KEPT: ReadonlySet<string> = new Set(['segments', 'words', 'logprobs'])
/** What an image is in. That there is one counts. */
const IMAGES: ReadonlySet<string> = new Set(['url', 'b64_json'])
const NAME = /^[\w.:@/-]{1,128}$/

/**
 * Reduces bodies to their counts and to the facts that the formats read, so that neither a prompt nor
 * a secret is stored. Reading the result gives the same usage, or an error again.
 *
 * @param isUsage whether a body is the usage object itself
 */
export function keptBodyOf(
  format: string,
  bodies: readonly JsonObject[],
  isUsage: (body: JsonObject) => boolean,
): KeptBody {
  const kept: string[] = []
  // Queries are counted, and may be part of a prompt: each becomes its number.
  const numbers = new Map<string, string>()
  const numberOf: NumberOf = (query) => {
    if (query.trim() === '') return ''
    const number = numbers.get(query) ?? `${numbers.size + 1}`
    numbers.set(query, number)
    return number
  }
  for (const body of bodies) {
    const text = JSON.stringify(isUsage(body) ? countsOf(body, 0) : factsOf(body, { depth: 0, numberOf }))
    // Chunks of a stream repeat the model.
    if (text !== '{}' && text !== kept.at(-1)) kept.push(text)
  }
  const json = `[${kept.join(',')}]`
  return { format, json: json.length > KEPT_CHARACTERS_MAX ? '' : json }
}

/** An object outside of a usage: its facts, and what may contain more of them. */
function factsOf(object: JsonObject, { depth, numberOf }: Place): JsonObject {
  const kept: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(object)) {
    if (USAGE_OBJECTS.has(name)) kept[name] = countsIn(value, depth + 1)
    else if (isFact(name, value)) kept[name] = value
    else if (CONTAINERS.has(name)) kept[name] = containedIn(value, { depth: depth + 1, numberOf })
    else if (name === 'webSearchQueries' && Array.isArray(value))
      kept[name] = value.filter((each) => typeof each === 'string').map(numberOf)
  }
  return kept
}

function containedIn(value: unknown, place: Place): unknown {
  if (place.depth > DEPTH_MAX) return undefined
  if (Array.isArray(value)) return value.filter(isJsonObject).map((each) => factsOf(each, place))
  return isJsonObject(value) ? factsOf(value, place) : undefined
}

type NumberOf = (query: string) => string
interface Place {
  depth: number
  numberOf: NumberOf
}

function countsOf(object: JsonObject, depth: number): JsonObject {
  return Object.fromEntries(
    Object.entries(object).flatMap(([name, value]) => {
      if (NEVER_KEPT.has(name)) return []
      if (IMAGES.has(name) && typeof value === 'string') return [[name, '']]
      if (typeof value === 'string' && !isFact(name, value)) return isCountText(value) ? [[name, value]] : []
      return NAME.test(name) ? [[name, countsIn(value, depth + 1)]] : []
    }),
  )
}

function countsIn(value: unknown, depth: number): unknown {
  if (depth > DEPTH_MAX) return undefined
  if (Array.isArray(value)) return value.map((each) => countsIn(each, depth + 1))
  return isJsonObject(value) ? countsOf(value, depth) : value
}

function isFact(name: string, value: unknown): boolean {
  return FACTS.has(name) && typeof value === 'string' && NAME.test(value)
}

/** Some servers write a count as a text. */
function isCountText(value: string): boolean {
  return /^-?\d{1,20}(\.\d{1,20})?$/.test(value)
}
