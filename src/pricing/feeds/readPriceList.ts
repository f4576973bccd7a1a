import { readLiteLlm } from './litellm'
import { readOpenRouter } from './openrouter'
import type { PriceList, Rejected } from './priceList'

export const PRICE_LIST_FORMATS = ['openrouter', 'litellm'] as const
export type PriceListFormat = (typeof PRICE_LIST_FORMATS)[number]

const READERS: Readonly<Record<PriceListFormat, (body: unknown) => PriceList | Rejected>> = {
  openrouter: readOpenRouter,
  litellm: readLiteLlm,
}

/** Reads a list from its text; rejected as a whole where it isn't one, or has not a single price. */
export function readPriceList(format: PriceListFormat, text: string): PriceList | Rejected {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    return { rejected: 'is not valid JSON' }
  }
  const list = READERS[format](body)
  if ('prices' in list && list.prices.length === 0) {
    const [first] = list.rejections
    return { rejected: first === undefined ? 'is empty' : `has no price that can be used; first, ${first}` }
  }
  return list
}
