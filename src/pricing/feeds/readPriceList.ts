import { readLiteLlm } from './litellm'
import { readOpenRouter } from './openrouter'
import type { PriceList, ReadingOptions, Rejected } from './priceList'

export const PRICE_LIST_FORMATS = ['openrouter', 'litellm'] as const
export type PriceListFormat = (typeof PRICE_LIST_FORMATS)[number]

const READERS: Readonly<
  Record<PriceListFormat, (body: unknown, options: ReadingOptions) => PriceList | Rejected>
> = {
  openrouter: readOpenRouter,
  litellm: readLiteLlm,
}

/** $1,000: the dearest that is listed anywhere is $600 (o1-pro's output, 2026-07-24). */
const TOKEN_RATE_NANOUSD_MAX = 1_000_000_000_000n

/** Reads a list from its text. Rejected as a whole where it is no list, or an empty one. */
export function readPriceList(
  format: PriceListFormat,
  text: string,
  { tokenRateNanousdMax = TOKEN_RATE_NANOUSD_MAX }: Partial<ReadingOptions> = {},
): PriceList | Rejected {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    return { rejected: 'is not valid JSON' }
  }
  const list = READERS[format](body, { tokenRateNanousdMax })
  if ('prices' in list && list.prices.length + list.rejections.length === 0) return { rejected: 'is empty' }
  return list
}

/** As {@link readPriceList}, for a list that is worth nothing without a single price. */
export function readUsablePriceList(
  ...[format, text, options]: Parameters<typeof readPriceList>
): PriceList | Rejected {
  const list = readPriceList(format, text, options)
  if ('rejected' in list || list.prices.length > 0) return list
  return { rejected: `has no price that can be used; first, ${list.rejections[0]}` }
}
