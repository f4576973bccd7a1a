import { BillingError, invalidField } from '../errors'
import { checkUsage } from './checkUsage'
import { anthropicMessages } from './formats/anthropic'
import { bedrockConverse } from './formats/bedrock'
import { chat } from './formats/chat'
import { cohere } from './formats/cohere'
import { latestCounts, type ProviderUsageFormat, type ReadingContext } from './formats/format'
import { gemini } from './formats/gemini'
import { litellm } from './formats/litellm'
import { isJsonObject, type JsonObject, type Reported, reportedOf } from './formats/reported'
import { openaiResponses } from './formats/responses'
import { xai } from './formats/xai'
import { type KeptBody, keptBodyOf } from './keptBody'
import { NOTHING_SERVED, type Served } from './served'
import { addUsages, NO_USAGE, type Usage } from './usage'

/** Mistral, DeepSeek and OpenRouter use the chat format, with different names for some fields. */
const FORMATS: ReadonlyMap<string, ProviderUsageFormat> = new Map([
  ['openai.chat', chat],
  ['openai.responses', openaiResponses],
  ['anthropic.messages', anthropicMessages],
  ['gemini', gemini],
  ['bedrock.converse', bedrockConverse],
  ['cohere', cohere],
  ['mistral', chat],
  ['deepseek', chat],
  ['xai', xai],
  ['openrouter', chat],
  ['litellm', litellm],
])

export const USAGE_FORMATS: readonly string[] = [...FORMATS.keys()]

/** The usage and facts that a provider's body states about one call. */
export interface ProviderReport {
  usage: Usage
  served: Served
  /** At most 16 paths of numbers that look like counts but that the format doesn't read. */
  unreadFields: readonly string[]
  /** The assumptions about ambiguous counts. */
  assumptions: readonly string[]
}

/**
 * A body has a usage, but no call can have used that: its counts contradict each other, or one is
 * missing or no count. The call was made, so what the body states is kept.
 */
export class UnreadableUsage extends BillingError {
  readonly body: KeptBody
  readonly served: Served

  constructor(problem: BillingError, { body, served }: { body: KeptBody; served: Served }) {
    const field = problem.field
    super(problem.reason, problem.message, { cause: problem, ...(field !== undefined && { field }) })
    this.body = body
    this.served = served
  }
}

const UNREAD_FIELDS_MAX = 16
const NAME_CHARACTERS_MAX = 128

/**
 * Converts a provider's usage to tollgate's. `json` is the usage object, a body that contains it,
 * or an array of bodies in order of arrival. `model` is the requested model.
 *
 * @throws BillingError UNKNOWN_USAGE_FORMAT; INVALID_FIELD if there is no usage in it;
 *   `UnreadableUsage` with INVALID_FIELD or IMPOSSIBLE_USAGE, which names the provider's field
 */
export function readProviderUsage(
  { format: name, json }: { format: string; json: string },
  { model, fieldPrefix }: { model: string; fieldPrefix: string },
): ProviderReport {
  const format = FORMATS.get(name)
  if (format === undefined) {
    const known = USAGE_FORMATS.join(', ')
    const field = `${fieldPrefix}.format`
    throw new BillingError('UNKNOWN_USAGE_FORMAT', `${field} must be one of ${known}`, { field })
  }
  const field = `${fieldPrefix}.json`
  const bodies = bodiesIn(json, field)
  const objects = usageObjectsOf(bodies, format)
  if (objects.length === 0) throw invalidField(field, `has no ${name} usage in it`)
  try {
    return reportOf({ bodies, objects }, format, { model, fieldPrefix, field })
  } catch (error) {
    if (!(error instanceof BillingError)) throw error
    const body = keptBodyOf(name, bodies, (each) => usageObjectIn(each, format) === each)
    throw new UnreadableUsage(error, { body, served: servedIfReadable(bodies, objects, format, field) })
  }
}

interface Paths {
  model: string
  fieldPrefix: string
  field: string
}

function reportOf(
  { bodies, objects }: { bodies: readonly JsonObject[]; objects: readonly JsonObject[] },
  format: ProviderUsageFormat,
  { model, fieldPrefix, field }: Paths,
): ProviderReport {
  const assumptions: string[] = []
  const context: ReadingContext = {
    model,
    assume: (what) => {
      if (!assumptions.includes(what)) assumptions.push(what)
    },
  }
  const reports = objects.map((object) => reportedOf(object, field))
  const usages = reports.map((reported) => ({ ...NO_USAGE, ...format.usageOf(reported, context) }))
  const wholeBodies = bodies.map((body) => reportedOf(body, field))
  const usage: Usage = { ...usages.reduce(addUsages), ...format.besides?.(wholeBodies, context) }
  checkUsage(usage, fieldPrefix)
  const served = servedIn(bodies, reports, format, field)
  const unreadFields = [
    ...new Set([
      ...reports.flatMap((reported) => reported.unread()),
      ...wholeBodies.flatMap((body) => format.unratedCalls?.(body) ?? []),
    ]),
  ]
  return { usage, served, unreadFields: unreadFields.slice(0, UNREAD_FIELDS_MAX), assumptions }
}

/** One object per response if the format marks finished ones; else one for the whole sequence. */
function usageObjectsOf(bodies: readonly JsonObject[], format: ProviderUsageFormat): JsonObject[] {
  const responses = new Map<string, JsonObject>()
  const sequence: JsonObject[] = []
  for (const [index, body] of bodies.entries()) {
    const object = usageObjectIn(body, format)
    if (object === undefined) continue
    const id = format.finishedResponse?.(body)
    if (id === undefined) sequence.push(object)
    // A response that arrives twice is one response.
    else responses.set(id === '' ? `body ${index}` : id, object)
  }
  if (responses.size > 0) return [...responses.values()]
  return sequence.length === 0 ? [] : [sequence.reduce(format.merge ?? latestCounts)]
}

function bodiesIn(json: string, field: string): JsonObject[] {
  const value = parsed(json, field)
  const bodies: readonly unknown[] = Array.isArray(value) ? value : [value]
  return bodies.map((body) => {
    if (!isJsonObject(body)) throw invalidField(field, 'must be a JSON object, or an array of them')
    return body
  })
}

function parsed(json: string, field: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    // The parser's own message quotes the text, which may be a prompt.
    throw invalidField(field, 'is not valid JSON')
  }
}

/** Undefined for an event of a stream that states no usage. */
function usageObjectIn(body: JsonObject, { paths, marks }: ProviderUsageFormat): JsonObject | undefined {
  for (const path of paths) {
    const value = path.reduce<unknown>(valueAt, body)
    if (isJsonObject(value) && Object.keys(value).length > 0) return value
  }
  return marks.some((mark) => mark in body) ? body : undefined
}

function valueAt(value: unknown, name: string | number): unknown {
  if (typeof name === 'number') return Array.isArray(value) ? value[name] : undefined
  return isJsonObject(value) ? value[name] : undefined
}

/** The last statement of each fact. */
function servedIn(
  bodies: readonly JsonObject[],
  reports: readonly Reported[],
  format: ProviderUsageFormat,
  field: string,
): Served {
  const usage = reports.at(-1) ?? reportedOf({}, field)
  const served = { ...NOTHING_SERVED }
  for (const body of bodies) {
    for (const [name, text] of Object.entries(format.servedOf(reportedOf(body, field), usage))) {
      if (text !== '') served[name as keyof Served] = nameOf(name as keyof Served, text)
    }
  }
  return served
}

function servedIfReadable(
  bodies: readonly JsonObject[],
  objects: readonly JsonObject[],
  format: ProviderUsageFormat,
  field: string,
): Served {
  try {
    const reports = objects.map((object) => reportedOf(object, field))
    return servedIn(bodies, reports, format, field)
  } catch (error) {
    if (error instanceof BillingError) return NOTHING_SERVED
    throw error
  }
}

/** Reduces arbitrary text to one short line of visible characters. Models keep their case. */
function nameOf(fact: keyof Served, text: string): string {
  const visible = text.replaceAll(/[^\x21-\x7e]/g, '').slice(0, NAME_CHARACTERS_MAX)
  return fact === 'model' ? visible : visible.toLowerCase()
}
