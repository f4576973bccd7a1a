import { listAliasRows } from '../../database/prices/aliases'
import { listVersions } from '../../database/prices/prices'
import { BillingError, invalidField } from '../../domain/errors'
import { ANY_TEXT, keyOfPageToken, type Page, pageOf, pageTokenOf } from '../../domain/page'
import { checkRateBounds } from '../../domain/rating/bounds'
import type { Price, RateCard } from '../../domain/rating/price'
import { validateRateCards } from '../../domain/rating/rateCards'
import { reportPriceAnomaly } from '../../pricing/guards'
import type { PutPrice } from '../../pricing/operatorPrices'
import type { Billing } from '../billing'
import type { Caller } from '../caller'

type Prices = Pick<Billing, 'prices' | 'database'>

export type PutPriceRequest = PutPrice

/** Ten times the cost on top of it: more is taken for a slip. */
const MARKUP_BASIS_POINTS_MAX = 100_000

/** @throws BillingError INVALID_FIELD; PRICE_ANOMALY for a rate that no provider charges */
export async function putPrice(
  { prices }: Pick<Prices, 'prices'>,
  request: PutPriceRequest,
  { actor }: Caller,
): Promise<Price> {
  const { rateCards, markupBasisPoints = 0, effectiveFrom } = request
  if (request.model === '') throw invalidField('model', 'must be set')
  validateRateCards(rateCards, 'rate_cards')
  if (markupBasisPoints < 0 || markupBasisPoints > MARKUP_BASIS_POINTS_MAX) {
    throw invalidField('markup_basis_points', `must be between 0 and ${MARKUP_BASIS_POINTS_MAX}`)
  }
  if (effectiveFrom !== undefined && Number.isNaN(effectiveFrom.getTime())) {
    throw invalidField('effective_from', 'must be a time')
  }
  checkBounds(request, rateCards)
  return prices.putPrice(request, actor)
}

/** `at` absent = now. @throws BillingError PRICE_NOT_FOUND; INVALID_FIELD naming `provider` where it can't be left out */
export function getPrice(
  { prices }: Pick<Prices, 'prices'>,
  { model, provider, at = prices.now() }: { model: string; provider: string; at?: Date },
): Promise<Price> {
  return prices.getPrice({ model, provider, at })
}

/** Ends an operator's price, so that the other sources count again. @throws BillingError PRICE_NOT_FOUND */
export function endPrice(
  { prices }: Pick<Prices, 'prices'>,
  key: { model: string; provider: string },
  { actor }: Caller,
): Promise<Price> {
  return prices.endPrice(key, actor)
}

/** The versions in force now, by model and provider. */
export async function listPrices(
  { prices, database }: Prices,
  request: Page & { modelPrefix: string },
): Promise<{ prices: Price[]; nextPageToken: string }> {
  const { modelPrefix, pageSize, pageToken } = request
  const [model = '', provider = '', priceId = ''] =
    pageToken === '' ? [] : keyOfPageToken(pageToken, [ANY_TEXT, ANY_TEXT, ANY_TEXT])
  const rows = await listVersions(database.kysely, {
    modelPrefix,
    at: prices.now(),
    after: { model, provider, priceId },
    limit: pageSize + 1,
  })
  const { page, nextPageToken } = pageOf(rows, request, (last) =>
    pageTokenOf([last.model, last.provider, last.priceId]),
  )
  return { prices: page.map((version) => prices.priceOf(version)), nextPageToken }
}

/** An empty model removes the alias. @throws BillingError ALIAS_CYCLE, INVALID_FIELD */
export async function putAlias(
  { prices }: Pick<Prices, 'prices'>,
  alias: { alias: string; model: string },
): Promise<void> {
  if (alias.alias === '') throw invalidField('alias', 'must be set')
  await prices.putAlias(alias)
}

export async function listAliases(
  { database }: Pick<Prices, 'database'>,
  request: Page,
): Promise<{ aliases: Record<string, string>; nextPageToken: string }> {
  const [after = ''] = request.pageToken === '' ? [] : keyOfPageToken(request.pageToken, [ANY_TEXT])
  const rows = await listAliasRows(database.kysely, { after, limit: request.pageSize + 1 })
  const { page, nextPageToken } = pageOf(rows, request, (last) => pageTokenOf([last.alias]))
  return { aliases: Object.fromEntries(page.map(({ alias, model }) => [alias, model])), nextPageToken }
}

function checkBounds(request: PutPriceRequest, rateCards: readonly RateCard[]): void {
  try {
    checkRateBounds(rateCards)
  } catch (error) {
    if (error instanceof BillingError) reportPriceAnomaly(request, error.message)
    throw error
  }
}
