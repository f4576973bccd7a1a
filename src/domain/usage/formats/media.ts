import { MICROUNITS, type Units } from '../units'
import type { Usage } from '../usage'
import type { Reported } from './reported'

/**
 * What OpenAI's shapes state in other units than tokens, or undefined where they state tokens:
 *
 * - `usage: { type: "duration", seconds }` of a transcription (https://platform.openai.com/docs/api-reference/audio/json-object),
 *   or the `duration` of a `verbose_json` body that has no usage;
 * - `seconds` of a video job;
 * - the images of a body without usage, by quality and size where it states both;
 * - `pages_processed` of an OCR (https://docs.mistral.ai/api/endpoint/ocr).
 */
export function mediaUsageOf(reported: Reported): Partial<Usage> | undefined {
  if (TOKENS.some((name) => reported.has(name))) return undefined
  const pages = reported.count('pages_processed')
  if (pages !== undefined) {
    reported.understood('doc_size_bytes')
    return unitsOf({ page: pages * MICROUNITS })
  }
  const seconds = reported.decimal('seconds')
  if (seconds !== undefined) {
    return unitsOf({ [reported.text('object') === 'video' ? 'video_second' : 'audio_second']: seconds })
  }
  const duration = reported.decimal('duration')
  if (duration !== undefined) {
    reported.understood('segments', 'words')
    return unitsOf({ audio_second: duration })
  }
  const images = reported.has('data') ? imagesIn(reported) : 0n
  return images === 0n ? undefined : unitsOf({ [imageOf(reported)]: images })
}

const TOKENS = ['input_tokens', 'output_tokens', 'prompt_tokens', 'completion_tokens', 'total_tokens']

/** Fields that tell such a body from one that has a usage. */
export const MEDIA_MARKS = ['duration', 'seconds', 'pages_processed', 'data']

function imageOf(body: Reported): string {
  const [quality = '', size = ''] = [body.text('quality'), body.text('size')]
  return QUALIFIER.test(quality) && QUALIFIER.test(size) ? `image/${quality}/${size}` : 'image'
}

const QUALIFIER = /^[\w-]{1,32}$/

function imagesIn(body: Reported): bigint {
  const images = body.list('data').filter((each) => each.has('url') || each.has('b64_json'))
  return BigInt(images.length) * MICROUNITS
}

/** Zeros are left out. */
function unitsOf(units: Units): Partial<Usage> {
  return Object.values(units).some((micro) => micro > 0n) ? { units } : {}
}
