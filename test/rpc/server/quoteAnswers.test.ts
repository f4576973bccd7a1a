import type { Price } from '../../../src/domain/rating/price'
import { priceToWire, quotedPriceToWire } from '../../../src/rpc/fields/writePrice'
import { quoteEncoder } from '../../../src/rpc/server/quoteAnswers'
import { passEncoded } from '../../../src/rpc/server/slicedAnswers'
import { services } from '../../../src/wire/definition'
import { cardOf } from '../../support/priceBooks'

const { PriceQuote } = services['tollgate.billing.v1.BillingService']

const PRICE: Price = {
  priceId: 'pr_1',
  model: 'm',
  provider: 'p',
  source: 'live',
  effectiveFrom: new Date('2026-01-01T00:00:00Z'),
  markupBasisPoints: 250,
  rateCards: [{ serviceTier: 'batch', ...cardOf({ INPUT_TOKENS: 1 }) }, cardOf({ INPUT_TOKENS: 2 })],
}

/** As a client reads it. */
async function sent(price: Price, costNanousd: number) {
  const answer = { quoteId: 'q', price: quotedPriceToWire(price), costNanousd, affordable: true }
  const bytes = passEncoded(PriceQuote).responseSerialize(await encoder(answer))
  return PriceQuote.responseDeserialize(bytes)
}

const encoder = quoteEncoder(PriceQuote)

test('each quote of a price arrives as it is, whether or not the bytes of its price were kept', async () => {
  for (const costNanousd of [1, 2, 3]) {
    const plain = { quoteId: 'q', price: priceToWire(PRICE), costNanousd, affordable: true }
    expect(await sent({ ...PRICE }, costNanousd)).toEqual(
      PriceQuote.responseDeserialize(PriceQuote.responseSerialize(plain)),
    )
  }
})

test.each<[string, Partial<Price>]>([
  ['a feed that is live no longer', { source: 'stored' }],
  ['another markup', { markupBasisPoints: 300 }],
  ['an end', { effectiveTo: new Date('2026-02-01T00:00:00Z') }],
  ['other rates', { priceId: 'pr_2', rateCards: [cardOf({ INPUT_TOKENS: 3 })] }],
])('a price with %s is encoded anew', async (_, changes) => {
  await sent(PRICE, 1)
  const changed = { ...PRICE, ...changes }
  const { price } = await sent(changed, 1)
  expect(price).toEqual(
    PriceQuote.responseDeserialize(PriceQuote.responseSerialize({ price: priceToWire(changed) })).price,
  )
})
