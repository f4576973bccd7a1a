import { invalidField } from '../errors'
import type { ProviderUsageFormat } from './format'
import type { Reported } from './reported'

/**
 * Candidates exclude thoughts, and the prompt excludes what tools put into it: both are billed. Cached tokens are part of
 * the prompt. Zero counts are left out. Streams repeat a cumulative usage. A document is billed as an image.
 * https://ai.google.dev/api/generate-content#UsageMetadata
 */
export const gemini: ProviderUsageFormat = {
  paths: [['usageMetadata'], ['response', 'usageMetadata']],
  marks: ['promptTokenCount', 'candidatesTokenCount', 'totalTokenCount'],
  usageOf(reported) {
    const prompt = reported.count('promptTokenCount')
    const total = reported.count('totalTokenCount')
    const tools = reported.count('toolUsePromptTokenCount') ?? 0n
    const thoughts = reported.count('thoughtsTokenCount') ?? 0n
    // The Live API calls the candidates a response.
    const candidates = reported.count('candidatesTokenCount') ?? reported.count('responseTokenCount') ?? 0n
    // A prompt of zero is left out; one that the total has and nobody counted is missing.
    if (prompt === undefined && total !== tools + candidates + thoughts) {
      throw invalidField(`${reported.field}.promptTokenCount`, 'is missing')
    }
    return {
      inputTokens: (prompt ?? 0n) + tools,
      outputTokens: candidates + thoughts,
      cacheReadInputTokens: reported.count('cachedContentTokenCount') ?? 0n,
      reasoningOutputTokens: thoughts,
      audioInputTokens: sumOf(reported, ['promptTokensDetails', 'toolUsePromptTokensDetails'], ['AUDIO']),
      audioCacheReadInputTokens: sumOf(reported, ['cacheTokensDetails'], ['AUDIO']),
      audioOutputTokens: sumOf(reported, ['candidatesTokensDetails', 'responseTokensDetails'], ['AUDIO']),
      imageInputTokens: sumOf(reported, ['promptTokensDetails', 'toolUsePromptTokensDetails'], IMAGES),
      imageCacheReadInputTokens: sumOf(reported, ['cacheTokensDetails'], IMAGES),
      imageOutputTokens: sumOf(reported, ['candidatesTokensDetails', 'responseTokensDetails'], ['IMAGE']),
    }
  },
}

const IMAGES = ['IMAGE', 'DOCUMENT']

/** Each detail is a list of `{ modality, tokenCount }`. */
function sumOf(reported: Reported, details: readonly string[], modalities: readonly string[]): bigint {
  return details
    .flatMap((name) => reported.list(name))
    .filter((detail) => modalities.includes(detail.text('modality') ?? ''))
    .reduce((sum, detail) => sum + (detail.count('tokenCount') ?? 0n), 0n)
}
