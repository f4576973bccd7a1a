import { randomBytes } from 'node:crypto'
import { checkQuote, issueQuote, type Quote, readQuote } from '../../src/pricing/quotes'
import { testPriceBook } from '../support/priceBooks'
import { testDatabase } from '../support/testDatabase'

const key = randomBytes(32)
const quote: Quote = {
  priceId: 'pr_1',
  markupBasisPoints: 250,
  userId: 'ann',
  model: 'openai/gpt-4o',
  provider: '',
  pricedModel: 'gpt-4o',
  pricedProvider: 'openai',
  serviceTier: 'flex',
  expiresAt: new Date('2026-03-01T12:00:00.123Z'),
}

test('a quote is what its id says', () => {
  expect(readQuote(key, issueQuote(key, quote))).toEqual(quote)
})

test('one changed character, wherever it is, makes it invalid', () => {
  const id = issueQuote(key, quote)
  for (let index = 0; index < id.length; index += 1) {
    const changed = `${id.slice(0, index)}${id[index] === 'A' ? 'B' : 'A'}${id.slice(index + 1)}`
    expect(() => readQuote(key, changed)).toThrow(expect.objectContaining({ reason: 'QUOTE_INVALID' }))
  }
})

test.each([
  ['', 'nothing'],
  ['qt_', 'an empty one'],
  ['price-1', 'a made-up one'],
  [issueQuote(randomBytes(32), quote), 'one of another deployment'],
  [`${issueQuote(key, quote)}=`, 'one with padding'],
  [`${issueQuote(key, quote)}\n`, 'one with a line feed'],
  [issueQuote(key, quote).slice(0, -4), 'a truncated one'],
])('%p is refused: %s', (id) => {
  expect(() => readQuote(key, id)).toThrow(expect.objectContaining({ reason: 'QUOTE_INVALID' }))
})

test.each(['userId', 'model', 'provider', 'serviceTier'] as const)('another %s is a mismatch', (field) => {
  expect(() => checkQuote(quote, quote)).not.toThrow()
  expect(() => checkQuote(quote, { ...quote, [field]: 'other' })).toThrow(
    expect.objectContaining({ reason: 'QUOTE_MISMATCH' }),
  )
})

test('a quote for nobody in particular is anybody’s', () => {
  expect(() => checkQuote({ ...quote, userId: '' }, quote)).not.toThrow()
})

test('replicas that start at once sign with one key', async () => {
  const database = await testDatabase()
  try {
    const keys = await Promise.all(Array.from({ length: 8 }, () => testPriceBook(database).book.quoteKey()))
    expect(new Set(keys.map((each) => each.toString('hex'))).size).toBe(1)
    expect(keys[0]).toHaveLength(32)
  } finally {
    await database.drop()
  }
})
