import { BillingError } from '../../src/domain/errors'
import { loadCatalog } from '../../src/pricing/catalog/loadCatalog'
import type { PriceBook } from '../../src/pricing/priceBook'
import { cardOf, countingStatements, testPriceBook } from '../support/priceBooks'
import { type TestDatabase, testDatabase } from '../support/testDatabase'

let database: TestDatabase
const books: PriceBook[] = []

beforeAll(async () => {
  database = await testDatabase()
})
afterAll(async () => {
  await Promise.all(books.map((book) => book.stop()))
  await database.drop()
})

async function startedBook(settings = {}) {
  const made = testPriceBook(database, settings)
  await made.book.start()
  books.push(made.book)
  return made
}

const dear = [cardOf({ INPUT_TOKENS: 3, OUTPUT_TOKENS: 15 })]
const cheap = [cardOf({ INPUT_TOKENS: 1, OUTPUT_TOKENS: 5 })]

test('a thousand calls that miss the same model at once make one lookup', async () => {
  const counted = countingStatements(database)
  const { book } = testPriceBook(counted.database)
  await book.putPrice({ model: 'crowded', provider: 'acme', rateCards: dear })
  const before = counted.statements()
  const question = { model: 'crowded', provider: 'acme', at: new Date() }
  const resolved = await Promise.all(Array.from({ length: 1_000 }, () => book.resolve(question)))
  expect(new Set(resolved.map(({ price }) => price.priceId)).size).toBe(1)
  // Its alias, and its versions.
  expect(counted.statements() - before).toBe(2)
  await Promise.all(Array.from({ length: 1_000 }, () => book.resolve(question)))
  expect(counted.statements() - before).toBe(2)
})

test('what is older than its time to live is used once more while it is read again', async () => {
  const counted = countingStatements(database)
  const { book, advance } = testPriceBook(counted.database, { cacheTtlMs: 60_000 })
  await book.putPrice({ model: 'stale', provider: '', rateCards: dear })
  const question = { model: 'stale', provider: '', at: new Date() }
  await book.resolve(question)
  const before = counted.statements()
  advance(59_000)
  await book.resolve(question)
  expect(counted.statements()).toBe(before)
  advance(2_000)
  await Promise.all(Array.from({ length: 50 }, () => book.resolve(question)))
  await waitFor(() => counted.statements() - before === 2)
  await book.resolve(question)
  expect(counted.statements() - before).toBe(2)
})

test('a warm price outlives the database', async () => {
  const { book, advance } = testPriceBook(database, { cacheTtlMs: 1_000 })
  await book.putPrice({ model: 'warm', provider: '', rateCards: dear })
  const question = { model: 'warm', provider: '', at: new Date() }
  expect(book.resolveCached(question)).toBeUndefined()
  const { price } = await book.resolve(question)
  advance(3_600_000)
  expect(book.resolveCached(question)?.price).toEqual(price)
})

test('a price, its end and an alias reach another replica within two seconds', async () => {
  const [{ book: here }, { book: there }] = [await startedBook(), await startedBook()]
  const at = () => new Date(Date.now() + 5)
  await here.putPrice({ model: 'shared', provider: 'acme', rateCards: dear })
  expect((await there.resolve({ model: 'shared', provider: 'acme', at: at() })).price.rateCards).toEqual(dear)

  const raised = await here.putPrice({ model: 'shared', provider: 'acme', rateCards: cheap })
  await within2s(async () => {
    const { price } = await there.resolve({ model: 'shared', provider: 'acme', at: at() })
    expect(price.priceId).toBe(raised.priceId)
  })

  await expect(there.resolve({ model: 'nickname', provider: 'acme', at: at() })).rejects.toThrow('no price')
  await here.putAlias({ alias: 'nickname', model: 'shared' })
  await within2s(async () => {
    const resolved = await there.resolve({ model: 'nickname', provider: 'acme', at: at() })
    expect(resolved).toMatchObject({ pricedModel: 'shared', pricedProvider: 'acme' })
  })

  await here.endPrice({ model: 'shared', provider: 'acme' })
  await within2s(() =>
    expect(there.resolve({ model: 'shared', provider: 'acme', at: at() })).rejects.toThrow('no price'),
  )
})

test('each version is in force from its start to the next one, and none is ever changed', async () => {
  const { book } = testPriceBook(database)
  const startMs = Date.now()
  // The 15th is today.
  const day = (n: number) => new Date(startMs + (n - 15) * 86_400_000)
  const key = { model: 'dated', provider: 'acme' }
  const first = await book.putPrice({ ...key, rateCards: dear, effectiveFrom: day(1) })
  const third = await book.putPrice({
    ...key,
    rateCards: dear,
    effectiveFrom: day(20),
    markupBasisPoints: 500,
  })
  const second = await book.putPrice({ ...key, rateCards: cheap, effectiveFrom: day(10) })

  const idAt = async (at: Date) => (await book.resolve({ ...key, at })).price.priceId
  await expect(idAt(new Date(day(1).getTime() - 1))).rejects.toThrow('no price')
  expect(await idAt(day(1))).toBe(first.priceId)
  expect(await idAt(new Date(day(10).getTime() - 1))).toBe(first.priceId)
  expect(await idAt(day(10))).toBe(second.priceId)
  expect(await idAt(day(19))).toBe(second.priceId)
  expect(await idAt(day(20))).toBe(third.priceId)
  expect(await book.priceById(first.priceId)).toMatchObject({ rateCards: dear, markupBasisPoints: 0 })
  expect(await book.priceById(third.priceId)).toMatchObject({ rateCards: dear, markupBasisPoints: 500 })
  expect((await book.getPrice({ ...key, at: day(12) })).priceId).toBe(second.priceId)

  const same = await book.putPrice({ ...key, rateCards: cheap })
  expect(same.priceId).toBe(second.priceId)
  const ended = await book.endPrice(key)
  expect(ended.effectiveTo).toBeDefined()
  await expect(book.getPrice({ ...key, at: book.now() })).rejects.toMatchObject({ reason: 'PRICE_NOT_FOUND' })
  expect(await idAt(day(12))).toBe(second.priceId)
  await expect(book.endPrice(key)).rejects.toMatchObject({ reason: 'PRICE_NOT_FOUND' })
})

// https://github.com/mozilla-ai/otari/issues/407
test('a price that is dated back replaces the wrong ones that began since', async () => {
  const { book } = testPriceBook(database)
  const hourAgo = new Date(Date.now() - 3_600_000)
  const key = { model: 'wrong', provider: '' }
  const before = await book.putPrice({ ...key, rateCards: dear, effectiveFrom: new Date(0) })
  const wrong = await book.putPrice({ ...key, rateCards: [cardOf({ INPUT_TOKENS: 9 })] })
  const right = await book.putPrice({ ...key, rateCards: cheap, effectiveFrom: hourAgo })
  const idAt = async (at: Date) => (await book.resolve({ ...key, at })).price.priceId
  expect(await idAt(new Date(hourAgo.getTime() - 1))).toBe(before.priceId)
  expect(await idAt(hourAgo)).toBe(right.priceId)
  expect(await idAt(book.now())).toBe(right.priceId)
  expect(await idAt(new Date(Date.now() + 60_000))).toBe(right.priceId)
  expect(await book.priceById(wrong.priceId)).toMatchObject({ rateCards: [cardOf({ INPUT_TOKENS: 9 })] })

  // The same price as the one that was in force then takes the place of a wrong one, too.
  await book.putPrice({ ...key, rateCards: [cardOf({ INPUT_TOKENS: 9 })] })
  await book.putPrice({ ...key, rateCards: cheap, effectiveFrom: hourAgo })
  expect((await book.resolve({ ...key, at: book.now() })).price.rateCards).toEqual(cheap)
})

test('two that are put at one instant both stay readable, and the later one counts', async () => {
  const { book } = testPriceBook(database)
  const effectiveFrom = new Date('2026-02-01T00:00:00Z')
  const key = { model: 'twice', provider: '' }
  const first = await book.putPrice({ ...key, rateCards: dear, effectiveFrom })
  const second = await book.putPrice({ ...key, rateCards: cheap, effectiveFrom })
  expect(await book.priceById(first.priceId)).toMatchObject({ rateCards: dear })
  const { price } = await book.resolve({ ...key, at: new Date('2026-02-02T00:00:00Z') })
  expect(price.priceId).toBe(second.priceId)
})

test('writers at once leave one chain of versions', async () => {
  const [{ book: a }, { book: b }] = [testPriceBook(database), testPriceBook(database)]
  const key = { model: 'contested', provider: '' }
  await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      (n % 2 === 0 ? a : b).putPrice({ ...key, rateCards: [cardOf({ INPUT_TOKENS: n + 1 })] }),
    ),
  )
  const rows = await database.kysely
    .selectFrom('model_prices')
    .selectAll()
    .where('model', '=', 'contested')
    .orderBy('effective_from')
    .execute()
  expect(rows).toHaveLength(20)
  expect(rows.map((row) => row.effective_to)).toEqual([
    ...rows.slice(1).map((row) => row.effective_from),
    null,
  ])
})

test('aliases are followed twice; a third hop and a cycle are refused', async () => {
  const { book } = testPriceBook(database)
  await book.putPrice({ model: 'real', provider: '', rateCards: dear })
  await book.putAlias({ alias: 'one', model: 'real' })
  await book.putAlias({ alias: 'two', model: 'one' })
  expect(await book.resolve({ model: 'two', provider: '', at: book.now() })).toMatchObject({
    pricedModel: 'real',
  })
  await expect(book.putAlias({ alias: 'three', model: 'two' })).rejects.toMatchObject({
    reason: 'INVALID_FIELD',
  })
  await expect(book.putAlias({ alias: 'real', model: 'other' })).rejects.toMatchObject({
    reason: 'INVALID_FIELD',
  })
  await expect(book.putAlias({ alias: 'real', model: 'two' })).rejects.toMatchObject({
    reason: 'ALIAS_CYCLE',
  })
  await expect(book.putAlias({ alias: 'one', model: 'two' })).rejects.toMatchObject({ reason: 'ALIAS_CYCLE' })
  await expect(book.putAlias({ alias: 'self', model: 'self' })).rejects.toMatchObject({
    reason: 'ALIAS_CYCLE',
  })
  await book.putAlias({ alias: 'two', model: '' })
  await expect(book.resolve({ model: 'two', provider: '', at: book.now() })).rejects.toThrow('no price')
})

test('an operator wins over the catalog until his price ends', async () => {
  await loadCatalog(database)
  const { book } = testPriceBook(database)
  const question = () => ({ model: 'gpt-4o', provider: 'openai', at: book.now() })
  const catalog = await book.resolve(question())
  expect(catalog.price).toMatchObject({ source: 'catalog', model: 'gpt-4o', provider: 'openai' })
  await book.putPrice({ model: 'gpt-4o', provider: '', rateCards: dear })
  expect((await book.resolve(question())).price).toMatchObject({ source: 'operator', provider: '' })
  await book.putPrice({ model: 'gpt-4o', provider: 'openai', rateCards: cheap })
  expect((await book.resolve(question())).price).toMatchObject({ source: 'operator', provider: 'openai' })
  await book.endPrice({ model: 'gpt-4o', provider: 'openai' })
  await book.endPrice({ model: 'gpt-4o', provider: '' })
  expect((await book.resolve(question())).price.priceId).toBe(catalog.price.priceId)
})

test('without a provider the price must follow from the model alone', async () => {
  const { book } = testPriceBook(database)
  const ask = (model: string, provider = '') => book.resolve({ model, provider, at: book.now() })
  await book.putPrice({ model: 'only', provider: 'acme', rateCards: dear })
  expect(await ask('only')).toMatchObject({ pricedProvider: 'acme' })
  await expect(ask('only', 'other')).rejects.toMatchObject({ reason: 'MODEL_PRICE_MISSING' })

  await book.putPrice({ model: 'agreed', provider: 'b', rateCards: dear })
  await book.putPrice({ model: 'agreed', provider: 'a', rateCards: dear })
  expect(await ask('agreed')).toMatchObject({ pricedProvider: 'a' })

  await book.putPrice({ model: 'disputed', provider: 'a', rateCards: dear })
  await book.putPrice({ model: 'disputed', provider: 'b', rateCards: cheap })
  await expect(ask('disputed')).rejects.toMatchObject({ reason: 'INVALID_FIELD', field: 'provider' })
  expect((await ask('disputed', 'b')).price.rateCards).toEqual(cheap)
  await book.putPrice({ model: 'disputed', provider: '', rateCards: cheap })
  expect(await ask('disputed')).toMatchObject({ pricedProvider: '' })
  expect((await ask('disputed', 'c')).price.rateCards).toEqual(cheap)
})

test('an unpriced model is refused; one that is listed as low-value has the default price, unless it is high-value', async () => {
  const { book } = await startedBook({ lowValueGlobs: ['tiny-*', 'gpt-4-tiny'] })
  const ask = (model: string) => book.resolve({ model, provider: 'acme', at: book.now() })
  await expect(ask('never-heard-of')).rejects.toMatchObject({ reason: 'MODEL_PRICE_MISSING' })
  await expect(ask('gpt-4-tiny')).rejects.toMatchObject({ reason: 'MODEL_PRICE_MISSING' })
  await expect(ask('not-tiny-1')).rejects.toMatchObject({ reason: 'MODEL_PRICE_MISSING' })
  const { price, pricedModel } = await ask('tiny-1')
  expect(pricedModel).toBe('tiny-1')
  expect(price).toMatchObject({
    source: 'default',
    rateCards: [cardOf({ INPUT_TOKENS: 20, OUTPUT_TOKENS: 20 })],
  })
  const { book: other } = testPriceBook(database)
  expect(await other.priceById(price.priceId)).toMatchObject({
    source: 'default',
    rateCards: price.rateCards,
  })
})

test('a default price that changed still prices the calls of before', async () => {
  const lowValueGlobs = ['small-*']
  await startedBook({ lowValueGlobs })
  await pause()
  const changedAt = new Date()
  const { book } = await startedBook({ lowValueGlobs, defaultPriceNanousd: 30_000_000_000n })
  const inputAt = async (at: Date) => {
    const { price } = await book.resolve({ model: 'small-1', provider: 'acme', at })
    return price.rateCards[0]?.rates[0]?.priceNanousd
  }
  expect(await inputAt(book.now())).toBe(30_000_000_000n)
  expect(await inputAt(changedAt)).toBe(20_000_000_000n)
  expect(await inputAt(new Date(changedAt.getTime() - 86_400_000))).toBe(20_000_000_000n)
})

test('a name of a high-value model has no default price, whatever it stands for', async () => {
  const { book } = await startedBook({ lowValueGlobs: ['wee-*'] })
  await book.putAlias({ alias: 'gpt-4-wee', model: 'wee-1' })
  const ask = (model: string) => book.resolve({ model, provider: 'acme', at: book.now() })
  expect((await ask('wee-1')).price.source).toBe('default')
  await expect(ask('gpt-4-wee')).rejects.toMatchObject({ reason: 'MODEL_PRICE_MISSING' })
})

test('a price without a markup has the deployment’s', async () => {
  const { book } = testPriceBook(database, { markupBasisPoints: 250 })
  await book.putPrice({ model: 'marked', provider: '', rateCards: dear })
  await book.putPrice({ model: 'unmarked', provider: '', rateCards: dear, markupBasisPoints: 0 })
  const markupOf = async (model: string) =>
    (await book.resolve({ model, provider: '', at: book.now() })).price.markupBasisPoints
  expect(await markupOf('marked')).toBe(250)
  expect(await markupOf('unmarked')).toBe(0)
})

test('an error while looking up is everybody’s who waited, and the next call tries again', async () => {
  const { book } = testPriceBook({ ...database, kysely: brokenOnce() })
  const question = { model: 'only', provider: 'acme', at: new Date() }
  const outcomes = await Promise.allSettled(Array.from({ length: 100 }, () => book.resolve(question)))
  expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true)
  expect((await book.resolve(question)).pricedModel).toBe('only')
})

function brokenOnce() {
  let isBroken = true
  return database.kysely.withPlugin({
    transformQuery: ({ node }) => {
      if (isBroken) {
        isBroken = false
        throw new BillingError('DATABASE_UNAVAILABLE', 'the database is unreachable')
      }
      return node
    },
    transformResult: async ({ result }) => result,
  })
}

async function within2s(check: () => Promise<unknown>): Promise<void> {
  const until = Date.now() + 2_000
  for (;;) {
    try {
      await check()
      return
    } catch (error) {
      if (Date.now() > until) throw error
      await pause()
    }
  }
}

async function waitFor(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 200 && !condition(); tries += 1) await pause()
  expect(condition()).toBe(true)
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20))
}
