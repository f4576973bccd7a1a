import type { Meter } from '../domain/rating/price'
import { catalogVersionsOf } from './catalog/catalogCards'
import type { CatalogData } from './catalog/catalogData'
import type { ListedPrice } from './feeds/priceList'
import { catalogNameOf } from './providers'

/** Fewer say nothing of what a model usually costs. */
const PEERS_MIN = 3

/** What one model costs at all providers that have it. */
export class PeerPrices {
  /** By the model's plain name. */
  readonly #prices = new Map<string, ListedPrice[]>()

  constructor(...sources: readonly Iterable<ListedPrice>[]) {
    for (const source of sources) for (const price of source) this.#add(price)
  }

  /** The median at other providers; undefined where there are fewer than three. */
  medianOf({ model, provider }: Pick<ListedPrice, 'model' | 'provider'>, meter: Meter): bigint | undefined {
    const own = catalogNameOf(provider)
    const byProvider = new Map(
      (this.#prices.get(plainNameOf(model)) ?? []).map((price) => [catalogNameOf(price.provider), price]),
    )
    byProvider.delete(own)
    const prices = [...byProvider.values()].flatMap(
      ({ rateCards }) => rateCards.at(-1)?.rates.find((rate) => rate.meter === meter)?.priceNanousd ?? [],
    )
    const paid = prices.filter((price) => price > 0n).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
    return paid.length < PEERS_MIN ? undefined : paid[Math.floor((paid.length - 1) / 2)]
  }

  #add(price: ListedPrice): void {
    const name = plainNameOf(price.model)
    const known = this.#prices.get(name)
    if (known === undefined) this.#prices.set(name, [price])
    else known.push(price)
  }
}

/** The last version of every model of the bundled catalog. */
export function* catalogPrices(catalog: CatalogData): Generator<ListedPrice> {
  for (const { id: provider, models } of catalog.values()) {
    for (const model of models) {
      const versions = catalogVersionsOf(provider, model)
      const last = 'rejected' in versions ? undefined : versions.at(-1)
      if (last !== undefined) yield { model: model.id, provider, rateCards: last.rateCards }
    }
  }
}

/** Without who sells it, its date and words that change nothing about the model: `us.openai.gpt-oss-120b-1:0` is `gpt-oss-120b`. */
function plainNameOf(model: string): string {
  const last = model.toLowerCase().slice(model.lastIndexOf('/') + 1)
  return last
    .replace(/^(?:(?:us|eu|apac|au|jp|global|regional)\.)?(?:[a-z0-9]+\.)(?=[a-z])/, '')
    .replace(/[@:].*$/, '')
    .replace(/(?:-(?:20\d\d-?\d\d-?\d\d|\d{4}|latest|preview|instruct|maas|tee|fp8|bf16|v\d+|1))+$/, '')
}
