import { invalidField } from '../../domain/errors'
import { PRICE_LIST_FORMATS, type PriceListFormat, readPriceList } from '../../pricing/feeds/readPriceList'
import type { Billing } from '../billing'
import type { Caller } from '../caller'

export interface ImportPricesRequest {
  format: string
  json: string
  /** As operator prices instead of stored ones. */
  asOperator: boolean
}

export interface ImportPricesResult {
  read: number
  changed: number
  unchanged: number
  heldBack: number
  rejected: number
  /** Why entries were rejected, the first of them. */
  rejections: string[]
  /** Names of price fields that were not read, with the number of imported prices that have them. */
  unreadFields: Record<string, number>
}

const REJECTIONS_MAX = 100

/** Reads a price list: every entry is imported or rejected with its reason. @throws BillingError INVALID_FIELD */
export async function importPrices(
  { prices }: Pick<Billing, 'prices'>,
  { format, json, asOperator }: ImportPricesRequest,
  { actor }: Caller,
): Promise<ImportPricesResult> {
  if (!isFormat(format)) throw invalidField('format', `must be one of ${PRICE_LIST_FORMATS.join(', ')}`)
  const { listedTokenRateNanousdMax } = prices.settings
  const list = readPriceList(format, json, { tokenRateNanousdMax: listedTokenRateNanousdMax })
  if ('rejected' in list) throw invalidField('json', list.rejected)
  const imported = await prices.importPrices(list.prices, asOperator ? 'operator' : 'stored', actor)
  return {
    read: list.prices.length + list.rejections.length,
    changed: imported.changed,
    unchanged: imported.unchanged,
    heldBack: imported.heldBack,
    rejected: list.rejections.length,
    rejections: list.rejections.slice(0, REJECTIONS_MAX),
    unreadFields: list.unreadFields,
  }
}

function isFormat(format: string): format is PriceListFormat {
  return (PRICE_LIST_FORMATS as readonly string[]).includes(format)
}
