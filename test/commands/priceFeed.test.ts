import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { connectTollgate, type TollgateClient } from '../../clients/node/src/connect'
import { type Service, startService } from '../../src/compose/service'
import { readConfig } from '../../src/config/config'
import { type TestDatabase, testDatabase } from '../support/testDatabase'

let database: TestDatabase
let feed: Server
let answer: { status: number; text: string }
let reads = 0
let service: Service
let client: TollgateClient

beforeAll(async () => {
  database = await testDatabase()
  feed = createServer((_, response) => {
    reads += 1
    response.writeHead(answer.status).end(answer.text)
  })
  await new Promise<void>((resolve) => feed.listen(0, '127.0.0.1', resolve))
  answer = { status: 200, text: listOf('0.000003') }
  const config = readConfig({
    TOLLGATE_GRPC_PORT: '0',
    TOLLGATE_DEFERRAL: 'off',
    TOLLGATE_PRICE_FEED_URL: `http://127.0.0.1:${(feed.address() as AddressInfo).port}/models`,
  })
  service = await startService({ ...config, prices: { ...config.prices, feedIntervalMs: 100 } }, database)
  client = connectTollgate({ address: service.address })
  await client.createUser({ userId: 'ada' })
  await client.grantCredits({
    userId: 'ada',
    idempotencyKey: 'g',
    pot: 'POT_CREDITS',
    amountNanousd: '1000000000',
  })
})

afterAll(async () => {
  client?.close()
  await service?.drain(1_000)
  feed.closeAllConnections()
  await new Promise((resolve) => feed.close(resolve))
  await database.drop()
})

function listOf(prompt: string): string {
  return JSON.stringify({ data: [{ id: 'acme/fed', pricing: { prompt, completion: '0.000015' } }] })
}

async function untilReads(more: number): Promise<void> {
  const wanted = reads + more
  for (let tries = 0; tries < 200 && reads < wanted; tries += 1) await sleep(20)
  expect(reads).toBeGreaterThanOrEqual(wanted)
}

function charge(idempotencyKey: string) {
  return client.chargeUsage({
    userId: 'ada',
    idempotencyKey,
    model: 'acme/fed',
    provider: 'openrouter',
    usage: { inputTokens: '1000' },
  })
}

/** A price counts as live for two intervals, which a loaded machine may need for one read: the first charge that meets it. */
async function chargedLive() {
  for (let tries = 1; ; tries += 1) {
    const charged = await charge(`first-${tries}`)
    if (charged.charge?.priceSource === 'PRICE_SOURCE_LIVE' || tries === 50) return charged
    await sleep(20)
  }
}

test('calls are charged at the feed’s price, at its last good price while the feed is bad, and at the new one afterwards', async () => {
  await untilReads(2)
  const first = await chargedLive()
  expect(first.charge).toMatchObject({ priceSource: 'PRICE_SOURCE_LIVE', amountNanousd: '3000000' })

  for (const bad of [
    { status: 500, text: 'oops' },
    { status: 200, text: '<html></html>' },
    { status: 200, text: listOf('0') },
    { status: 200, text: listOf('0.0009') },
  ]) {
    answer = bad
    await untilReads(3)
    const { charge: charged } = await charge(`while ${bad.text.length}`.replace(' ', '-'))
    expect(charged).toMatchObject({ priceId: first.charge?.priceId, amountNanousd: '3000000' })
  }
  const { changes } = await client.listPriceChanges({ state: 'PRICE_CHANGE_STATE_HELD_BACK' })
  expect(changes.map(({ after }) => after?.rateCards[0]?.rates[0]?.priceNanousd)).toEqual([
    '900000000000',
    '0',
  ])

  answer = { status: 200, text: listOf('0.000004') }
  await untilReads(3)
  expect((await charge('after')).charge).toMatchObject({ amountNanousd: '4000000' })
})

test('a drain stops it', async () => {
  await service.drain(1_000)
  const before = reads
  await sleep(300)
  expect(reads).toBe(before)
})
