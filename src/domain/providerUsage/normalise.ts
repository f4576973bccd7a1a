import { BillingError, invalidField } from '../errors'
import { checkUsage } from '../usage/checkUsage'
import { NO_USAGE, type Usage } from '../usage/usage'
import { anthropicMessages } from './anthropic'
import { bedrockConverse } from './bedrock'
import { cohere } from './cohere'
import { deepseek } from './deepseek'
import type { ProviderUsageFormat } from './format'
import { gemini } from './gemini'
import { mistral } from './mistral'
import { openaiChat, openaiResponses } from './openai'
import { openrouter } from './openrouter'
import { isJsonObject, type JsonObject, reportedOf } from './reported'
import { xai } from './xai'

const FORMATS: ReadonlyMap<string, ProviderUsageFormat> = new Map([
  ['openai.chat', openaiChat],
  ['openai.responses', openaiResponses],
  ['anthropic.messages', anthropicMessages],
  ['gemini', gemini],
  ['bedrock.converse', bedrockConverse],
  ['cohere', cohere],
  ['mistral', mistral],
  ['deepseek', deepseek],
  ['xai', xai],
  ['openrouter', openrouter],
])

/**
 * A provider's own usage as ours. `json` is the usage object, a body that contains it, or an array of bodies in the order
 * that they arrived in. Fields that nobody knows are ignored; nonsense is refused under its name in the provider's object.
 *
 * @throws BillingError UNKNOWN_USAGE_FORMAT, INVALID_FIELD, IMPOSSIBLE_USAGE
 */
export function normaliseProviderUsage(
  { format: name, json }: { format: string; json: string },
  fieldPrefix: string,
): Usage {
  const format = FORMATS.get(name)
  if (format === undefined) {
    const known = [...FORMATS.keys()].join(', ')
    const field = `${fieldPrefix}.format`
    throw new BillingError('UNKNOWN_USAGE_FORMAT', `${field} must be one of ${known}`, { field })
  }
  const field = `${fieldPrefix}.json`
  const bodies = bodiesIn(json, field)
  const found = bodies.flatMap<JsonObject>((body) => usageObjectIn(body, format) ?? [])
  if (found.length === 0) throw invalidField(field, `has no ${name} usage in it`)
  const whole = found.reduce(format.merge ?? lastStands)
  const usage: Usage = {
    ...NO_USAGE,
    ...format.usageOf(reportedOf(whole, field)),
    ...besides(bodies, format, field),
  }
  checkUsage(usage, fieldPrefix)
  return usage
}

function lastStands(_earlier: JsonObject, last: JsonObject): JsonObject {
  return last
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

/** An event of a stream that says nothing of usage has none. */
function usageObjectIn(body: JsonObject, { paths, marks }: ProviderUsageFormat): JsonObject | undefined {
  for (const path of paths) {
    const value = path.reduce<unknown>((at, name) => (isJsonObject(at) ? at[name] : undefined), body)
    if (isJsonObject(value) && Object.keys(value).length > 0) return value
  }
  return marks.some((mark) => mark in body) ? body : undefined
}

/** Said by the last body that says anything. */
function besides(bodies: readonly JsonObject[], format: ProviderUsageFormat, field: string): Partial<Usage> {
  const read = format.besides
  if (read === undefined) return {}
  const said = bodies.map((body) => read(reportedOf(body, field)))
  return said.findLast((each) => Object.values(each).some((count) => count !== undefined && count > 0n)) ?? {}
}
