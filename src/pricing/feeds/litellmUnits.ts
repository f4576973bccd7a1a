import type { UnitRate } from '../../domain/rating/price'
import { isRejected, type Rejected, unitRateOfUsd } from './priceList'

type Entry = Readonly<Record<string, unknown>>

/** Where two fields price one unit, the dearer one counts: neither says that both are due. */
export interface ListedUnits {
  rates: UnitRate[]
  /** The fields that were read. */
  fields: ReadonlySet<string>
}

/**
 * LiteLLM's prices of named units. Its fields name a unit and a direction; what is counted follows from the mode of the
 * entry (https://github.com/BerriAI/litellm/blob/main/litellm/types/utils.py, class ModelInfoBase).
 */
export function unitsOf(name: string, entry: Entry): ListedUnits | Rejected {
  const rates = new Map<string, UnitRate>()
  const fields = new Set<string>()
  for (const [field, value] of Object.entries(entry)) {
    const unit = unitOf(field, entry)
    if (unit === undefined) continue
    if (value === null || value === 0) {
      fields.add(field)
      continue
    }
    if (typeof value !== 'number' && typeof value !== 'string')
      return { rejected: `has a ${field} that is no price` }
    if (isTokenPrice(unit, value, entry)) continue
    fields.add(field)
    const rate = rateOfField(unit, { field, value, name, entry })
    if (rate === undefined) continue
    if (isRejected(rate)) return rate
    const other = rates.get(rate.unit)
    if (other === undefined || isDearer(rate, other)) rates.set(rate.unit, rate)
  }
  return { rates: [...rates.values()], fields }
}

function unitOf(field: string, { mode }: Entry): string | undefined {
  switch (field) {
    case 'input_cost_per_second':
      return mode === 'audio_transcription' ? 'audio_second' : 'second'
    case 'output_cost_per_second':
      if (mode === 'video_generation') return 'video_second'
      return mode === 'audio_speech' || mode === 'audio_transcription' ? 'audio_second' : 'second'
    case 'input_cost_per_image':
      return mode === 'image_generation' || mode === 'image_edit' ? 'image' : 'image_input'
    default:
      return UNIT_OF_FIELD.get(field)
  }
}

const UNIT_OF_FIELD: ReadonlyMap<string, string> = new Map(
  Object.entries({
    output_cost_per_second_1080p: 'video_second/1080p',
    input_cost_per_video_per_second: 'video_second',
    output_cost_per_video_per_second: 'video_second',
    // Google's embeddings of video are dearer where they are denser.
    input_cost_per_video_per_second_above_8s_interval: 'video_second/above_8s_interval',
    input_cost_per_video_per_second_above_15s_interval: 'video_second/above_15s_interval',
    input_cost_per_audio_per_second: 'audio_second',
    output_cost_per_image: 'image',
    input_cost_per_pixel: 'pixel',
    output_cost_per_pixel: 'pixel',
    input_cost_per_character: 'character',
    output_cost_per_character: 'output_character',
    ocr_cost_per_page: 'page',
    annotation_cost_per_page: 'page/annotated',
    ocr_cost_per_credit: 'credit',
    code_interpreter_cost_per_session: 'session',
    output_cost_per_video_token: 'video_output_token',
    file_search_cost_per_1k_calls: 'tool_call/file_search',
    file_search_cost_per_gb_per_day: 'gigabyte_day',
    vector_store_cost_per_gb_per_day: 'gigabyte_day',
  }),
)

/** The cheapest image that is listed costs $0.00006; what is far below it is the price of one token of an image. */
const IMAGE_USD_MIN = 0.000_02
/** Where the entry also has rates of tokens, as that of an image token may be. */
const IMAGE_BESIDE_TOKENS_USD_MIN = 0.000_2

/**
 * Whether a price of an image is none: it is that of a token of an image, or it repeats the rates of image tokens for one
 * size. A call is then billed by its tokens.
 */
function isTokenPrice(unit: string, value: number | string, entry: Entry): boolean {
  if (unit !== 'image' && unit !== 'image_input') return false
  const hasTokens = Number(entry['output_cost_per_token'] ?? 0) > 0
  if (unit === 'image' && hasTokens && entry['output_cost_per_image_token'] !== undefined) return true
  if (unit === 'image_input' && hasTokens && entry['input_cost_per_image_token'] !== undefined) return true
  return Number(value) < (hasTokens && unit === 'image' ? IMAGE_BESIDE_TOKENS_USD_MIN : IMAGE_USD_MIN)
}

interface Field {
  field: string
  value: number | string
  name: string
  entry: Entry
}

/** A price of pixels is one of images where the entry's name has their size: `256-x-256/dall-e-2`. */
function rateOfField(unit: string, { field, value, name, entry }: Field): UnitRate | Rejected | undefined {
  if (field === 'file_search_cost_per_1k_calls') return unitRateOfUsd(unit, value, { per: 1_000n })
  const size = unit === 'pixel' ? /(?:^|\/)(\d{2,5})-x-(\d{2,5})\//.exec(name) : null
  if (size === null) return unitRateOfUsd(unit, value)
  // The entry states what a whole image costs.
  if (Number(entry['input_cost_per_image'] ?? entry['output_cost_per_image'] ?? 0) > 0) return undefined
  return unitRateOfUsd('image', value, { times: BigInt(size[1] ?? '0') * BigInt(size[2] ?? '0') })
}

function isDearer(a: UnitRate, b: UnitRate): boolean {
  return a.priceNanousd * b.per > b.priceNanousd * a.per
}
