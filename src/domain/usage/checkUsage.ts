import { BillingError, invalidField } from '../errors'
import { checkUnits, tokensOf, VIDEO_OUTPUT_TOKEN, VIDEO_TOKEN } from './units'
import { COUNT_MAX, type Count, type Usage } from './usage'

/** Each count as the contract spells it. */
export const USAGE_FIELDS = {
  inputTokens: 'input_tokens',
  outputTokens: 'output_tokens',
  cacheReadInputTokens: 'cache_read_input_tokens',
  cacheCreationInputTokens: 'cache_creation_input_tokens',
  cacheCreation1hInputTokens: 'cache_creation_1h_input_tokens',
  reasoningOutputTokens: 'reasoning_output_tokens',
  audioInputTokens: 'audio_input_tokens',
  audioCacheReadInputTokens: 'audio_cache_read_input_tokens',
  audioOutputTokens: 'audio_output_tokens',
  imageInputTokens: 'image_input_tokens',
  imageCacheReadInputTokens: 'image_cache_read_input_tokens',
  imageOutputTokens: 'image_output_tokens',
  citationOutputTokens: 'citation_output_tokens',
  webSearches: 'web_searches',
  requests: 'requests',
} as const satisfies Record<Count, string>

const COUNTS = Object.keys(USAGE_FIELDS) as Count[]

const PART_OF: readonly (readonly [part: Count, total: Count])[] = [
  ['cacheReadInputTokens', 'inputTokens'],
  ['cacheCreationInputTokens', 'inputTokens'],
  ['cacheCreation1hInputTokens', 'cacheCreationInputTokens'],
  ['audioInputTokens', 'inputTokens'],
  ['audioCacheReadInputTokens', 'audioInputTokens'],
  ['audioCacheReadInputTokens', 'cacheReadInputTokens'],
  ['imageInputTokens', 'inputTokens'],
  ['imageCacheReadInputTokens', 'imageInputTokens'],
  ['imageCacheReadInputTokens', 'cacheReadInputTokens'],
  ['reasoningOutputTokens', 'outputTokens'],
  ['audioOutputTokens', 'outputTokens'],
  ['imageOutputTokens', 'outputTokens'],
  ['citationOutputTokens', 'outputTokens'],
]

/** Parts that share no token, so that together they can't exceed their total. */
const DISJOINT_PARTS: readonly (readonly [total: Count, ...parts: Count[]])[] = [
  ['inputTokens', 'cacheReadInputTokens', 'cacheCreationInputTokens'],
  ['outputTokens', 'reasoningOutputTokens', 'audioOutputTokens', 'imageOutputTokens', 'citationOutputTokens'],
]

/** Refuses counts out of range (INVALID_FIELD) and what no call can have used (IMPOSSIBLE_USAGE), naming the field. */
export function checkUsage(usage: Usage, fieldPrefix: string): void {
  const fieldOf = (count: Count): string => `${fieldPrefix}.${USAGE_FIELDS[count]}`
  let hasParts = false
  for (const count of COUNTS) {
    const value = usage[count] ?? 0n
    if (value === 0n) continue
    hasParts ||= count !== 'inputTokens' && count !== 'outputTokens'
    if (value < 0n) throw invalidField(fieldOf(count), 'must not be negative')
    if (value > COUNT_MAX) throw invalidField(fieldOf(count), `must be at most ${COUNT_MAX}`)
  }
  if (usage.units !== undefined) checkUnitsOf(usage, fieldPrefix)
  if (!hasParts) return
  for (const [part, total] of PART_OF) {
    const partCount = usage[part] ?? 0n
    const totalCount = usage[total] ?? 0n
    if (partCount > totalCount) {
      throw impossible(fieldOf(part), `is ${partCount}, more than the ${totalCount} of ${fieldOf(total)}`)
    }
  }
  for (const [total, ...parts] of DISJOINT_PARTS) {
    const sum = parts.reduce((sumSoFar, part) => sumSoFar + (usage[part] ?? 0n), 0n)
    const totalCount = usage[total] ?? 0n
    if (sum > totalCount) {
      const names = parts.map((part) => USAGE_FIELDS[part]).join(' + ')
      throw impossible(fieldOf(total), `is ${totalCount}, less than its parts together (${names} = ${sum})`)
    }
  }
}

/** Video tokens are parts of the totals too, and share no token with the other kinds. */
function checkUnitsOf(usage: Usage, fieldPrefix: string): void {
  const { units = {} } = usage
  checkUnits(units, `${fieldPrefix}.units`)
  const { inputTokens, outputTokens } = usage
  const outputParts =
    usage.reasoningOutputTokens +
    usage.audioOutputTokens +
    usage.imageOutputTokens +
    usage.citationOutputTokens
  const parts = [
    { unit: VIDEO_TOKEN, total: 'inputTokens', room: inputTokens },
    { unit: VIDEO_OUTPUT_TOKEN, total: 'outputTokens', room: outputTokens - outputParts },
  ] as const
  for (const { unit, total, room } of parts) {
    const tokens = tokensOf(units, unit)
    if (tokens <= 0n || tokens <= room) continue
    const field = `${fieldPrefix}.units`
    const of = `${fieldPrefix}.${USAGE_FIELDS[total]}`
    const problem = `is ${tokens}, more than the ${room} of ${of} that it can be a part of`
    throw new BillingError('IMPOSSIBLE_USAGE', `${field}["${unit}"] ${problem}`, { field })
  }
}

function impossible(field: string, problem: string): BillingError {
  return new BillingError('IMPOSSIBLE_USAGE', `${field} ${problem}`, { field })
}
