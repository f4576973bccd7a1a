import type { Measured } from '../../billing/charges/measured'
import { invalidField } from '../../domain/errors'
import { readUnits } from '../../domain/usage/units'
import type { Usage } from '../../domain/usage/usage'
import type { ProviderUsage__Output } from '../../wire/generated/tollgate/billing/v1/ProviderUsage'
import type { Usage__Output } from '../../wire/generated/tollgate/billing/v1/Usage'
import { readCount } from './read'

const FORMAT_CHARACTERS_MAX = 64
/** Far more than any provider sends. All of it is parsed, though only the usage is kept. */
const JSON_CHARACTERS_MAX = 262_144

/** Reads counts and checks their range; the domain checks whether they fit together. */
export function readUsage(usage: Usage__Output, at: string): Usage {
  const units = readUnits(usage.units, `${at}units`)
  const read: Usage = {
    inputTokens: readCount(usage, 'inputTokens', at),
    outputTokens: readCount(usage, 'outputTokens', at),
    cacheReadInputTokens: readCount(usage, 'cacheReadInputTokens', at),
    cacheCreationInputTokens: readCount(usage, 'cacheCreationInputTokens', at),
    cacheCreation1hInputTokens: readCount(usage, 'cacheCreation_1hInputTokens', at),
    reasoningOutputTokens: readCount(usage, 'reasoningOutputTokens', at),
    audioInputTokens: readCount(usage, 'audioInputTokens', at),
    audioCacheReadInputTokens: readCount(usage, 'audioCacheReadInputTokens', at),
    audioOutputTokens: readCount(usage, 'audioOutputTokens', at),
    imageInputTokens: readCount(usage, 'imageInputTokens', at),
    imageCacheReadInputTokens: readCount(usage, 'imageCacheReadInputTokens', at),
    imageOutputTokens: readCount(usage, 'imageOutputTokens', at),
    citationOutputTokens: readCount(usage, 'citationOutputTokens', at),
    webSearches: readCount(usage, 'webSearches', at),
    ...(usage.requests !== undefined && {
      requests: readCount({ requests: usage.requests }, 'requests', at),
    }),
  }
  if (units !== undefined) read.units = units
  return read
}

/** The usage of a finished call, as reported; undefined where the request has none. */
export function readMeasured(
  message: { usage?: Usage__Output | null; providerUsage?: ProviderUsage__Output | null },
  at = '',
): Measured | undefined {
  if (message.usage != null) return { usage: readUsage(message.usage, `${at}usage.`) }
  if (message.providerUsage != null) return { providerUsage: readProviderUsage(message.providerUsage, at) }
  return undefined
}

/** As {@link readMeasured}. @throws BillingError INVALID_FIELD where the message has none */
export function requireMeasured(message: Parameters<typeof readMeasured>[0], at = ''): Measured {
  const measured = readMeasured(message, at)
  if (measured === undefined)
    throw invalidField(`${at}measured`, 'must be set: either usage or provider_usage')
  return measured
}

function readProviderUsage(
  { format, json }: ProviderUsage__Output,
  at: string,
): { format: string; json: string } {
  if (format.length > FORMAT_CHARACTERS_MAX) {
    throw invalidField(`${at}provider_usage.format`, `must have at most ${FORMAT_CHARACTERS_MAX} characters`)
  }
  if (json.length > JSON_CHARACTERS_MAX) {
    throw invalidField(`${at}provider_usage.json`, `must have at most ${JSON_CHARACTERS_MAX} characters`)
  }
  return { format, json }
}
