import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PriceFeed } from '../../src/pricing/priceFeed'
import { testPriceBook } from '../support/priceBooks'
import { type TestDatabase, testDatabase } from '../support/testDatabase'

let database: TestDatabase
let server: Server
let answer: (request: IncomingMessage, response: ServerResponse) => void

beforeAll(async () => {
  database = await testDatabase()
  server = createServer((request, response) => answer(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await database.drop()
})

function feedOf(format: 'openrouter' | 'litellm' = 'openrouter') {
  const made = testPriceBook(database)
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/models`
  return { ...made, feed: new PriceFeed(made.book, { url, format, intervalMs: 60_000, ageMsMax: 3_600_000 }) }
}

function answerWith(text: string, headers: Record<string, string> = {}): void {
  answer = (_, response) => response.writeHead(200, headers).end(text)
}

function listOf(prompt: string): string {
  return JSON.stringify({ data: [{ id: 'acme/fed', pricing: { prompt, completion: '0.000002' } }] })
}

test('its prices are live while it is read, and stored after that', async () => {
  const { feed, book, advance } = feedOf()
  answerWith(listOf('0.000001'))
  expect(await feed.read()).toBe(true)
  const question = { model: 'acme/fed', provider: 'openrouter' }
  expect((await book.resolve({ ...question, at: book.now() })).price.source).toBe('live')
  advance(121_000)
  expect((await book.resolve({ ...question, at: book.now() })).price.source).toBe('stored')
  // Another process has not read it at all.
  expect((await testPriceBook(database).book.resolve({ ...question, at: book.now() })).price.source).toBe(
    'stored',
  )
})

test('what has not changed is not sent again', async () => {
  const { feed } = feedOf()
  const asked: (string | undefined)[] = []
  answer = (request, response) => {
    asked.push(request.headers['if-none-match'])
    if (request.headers['if-none-match'] === '"v1"') response.writeHead(304).end()
    else response.writeHead(200, { etag: '"v1"' }).end(listOf('0.000001'))
  }
  expect([await feed.read(), await feed.read()]).toEqual([true, true])
  expect(asked).toEqual([undefined, '"v1"'])
})

test.each<[string, typeof answer]>([
  ['an error', (_, response) => response.writeHead(500).end('oops')],
  ['nothing', (_, response) => response.writeHead(200).end()],
  ['a page', (_, response) => response.writeHead(200).end('<html></html>')],
  ['half of it', (_, response) => response.writeHead(200).end(listOf('0.000009').slice(0, -9))],
  ['an empty list', (_, response) => response.writeHead(200).end('{"data":[]}')],
  ['a price of zero', (_, response) => response.writeHead(200).end(listOf('0').replace('0.000002', '0'))],
  ['a negative price', (_, response) => response.writeHead(200).end(listOf('-3'))],
  ['a price of 1e-18', (_, response) => response.writeHead(200).end(listOf('1e-18'))],
  ['a price that is no number', (_, response) => response.writeHead(200).end(listOf('NaN'))],
  ['a connection that breaks off', (request) => request.socket.destroy()],
  ['50 MB', (_, response) => response.writeHead(200).end(Buffer.alloc(50 * 1024 * 1024, 32))],
])('after %s the last good prices stay', async (_, bad) => {
  const { feed, book } = feedOf()
  answerWith(listOf('0.000001'))
  await feed.read()
  answer = bad
  expect(await feed.read()).toBe(false)
  const { price } = await book.resolve({ model: 'acme/fed', provider: 'openrouter', at: book.now() })
  expect(price.rateCards[0]?.rates[0]?.priceNanousd).toBe(1_000_000_000n)
})

test('it reads in the background from the start, and stops when it is told to', async () => {
  const { feed, book } = feedOf()
  let reads = 0
  answer = (_, response) => {
    reads += 1
    response.writeHead(200).end(listOf('0.0000011'))
  }
  feed.start()
  for (let tries = 0; tries < 200; tries += 1) {
    const { price } = await book.resolve({ model: 'acme/fed', provider: 'openrouter', at: book.now() })
    if (price.rateCards[0]?.rates[0]?.priceNanousd === 1_100_000_000n) break
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  expect(reads).toBe(1)
  answer = () => undefined
  const hanging = feed.read()
  await feed.stop()
  expect(await hanging).toBe(false)
})
