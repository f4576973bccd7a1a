import type { Database } from '../database/database'
import type { StoredPrice } from '../database/prices/priceRow'
import { changePriceBook, endVersions, insertVersions, readVersions } from '../database/prices/prices'
import { TOLLGATE } from '../domain/ledger/actor'
import type { Nanousd } from '../domain/money'
import type { Meter, RateCard } from '../domain/rating/price'
import { priceIdOf, rateCardsKey } from '../domain/rating/priceId'
import { perOf } from '../domain/rating/rateCards'
import { CATALOG_EPOCH } from './catalog/loadCatalog'

/** No model's name: what the default price is kept under. */
const ANY_MODEL = '*'

/** The configured default as a stored version, so that a charge at it can be rated again like any other; with those before it. */
export function storeDefaultPrice(database: Database, priceNanousd: Nanousd): Promise<StoredPrice[]> {
  const rateCards = cardsOf(priceNanousd)
  return changePriceBook(database, async (tables, now) => {
    const versions = (await readVersions(tables, [ANY_MODEL])).filter(({ source }) => source === 'default')
    const current = versions.at(-1)
    if (current !== undefined && rateCardsKey(current.rateCards) === rateCardsKey(rateCards)) {
      return { changed: false, result: versions }
    }
    const price = {
      model: ANY_MODEL,
      provider: '',
      source: 'default' as const,
      effectiveFrom: current === undefined ? CATALOG_EPOCH : now,
      rateCards,
    }
    const version = { priceId: priceIdOf(price), ...price, actor: TOLLGATE }
    if (current !== undefined)
      await endVersions(tables, [{ priceId: current.priceId, effectiveTo: now }], TOLLGATE)
    await insertVersions(tables, [version], now)
    return { changed: true, result: [...versions, version] }
  })
}

/** The same for input and output, and so for every part of them. */
function cardsOf(priceNanousd: Nanousd): RateCard[] {
  const meters: Meter[] = ['INPUT_TOKENS', 'OUTPUT_TOKENS']
  return [{ rates: meters.map((meter) => ({ meter, priceNanousd, per: perOf(meter) })) }]
}
