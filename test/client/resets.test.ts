import { constants } from 'node:http2'
import { connectTollgate, type TollgateClient } from '../../clients/node/src/index'
import { meterContext } from '../../clients/node/src/meter/meterContext'
import { meterStream } from '../../clients/node/src/meterStream'
import { Http2Way } from '../support/http2Way'
import { entriesOf } from '../support/ledger'
import { openOf, type StreamServer, startStreamServer } from '../support/streamServer'

let server: StreamServer
let way: Http2Way
let client: TollgateClient

beforeAll(async () => {
  server = await startStreamServer({ validityMs: 60_000 })
  way = await Http2Way.to(server.address)
  client = connectTollgate({ address: way.address })
})

afterAll(async () => {
  client.close()
  way.close()
  await server.stop()
})

const {
  NGHTTP2_INTERNAL_ERROR,
  NGHTTP2_CANCEL,
  NGHTTP2_PROTOCOL_ERROR,
  NGHTTP2_NO_ERROR,
  NGHTTP2_ENHANCE_YOUR_CALM,
} = constants

describe('a charge whose answer is cut off by a reset of its stream', () => {
  it.each([
    ['INTERNAL_ERROR', NGHTTP2_INTERNAL_ERROR],
    ['PROTOCOL_ERROR', NGHTTP2_PROTOCOL_ERROR],
    ['CANCEL', NGHTTP2_CANCEL],
    ['NO_ERROR', NGHTTP2_NO_ERROR],
    ['ENHANCE_YOUR_CALM', NGHTTP2_ENHANCE_YOUR_CALM],
  ])('%s is asked for again under its key, and done once', async (_name, code) => {
    const userId = await server.aUser()
    way.resets.push(code)

    const answer = await client.chargeUsage({ ...callOf(userId), idempotencyKey: 'call' })

    expect(way.resets).toEqual([])
    expect(answer.replayed).toBe(true)
    const charges = (await entriesOf(server.database, userId)).filter(({ kind }) => kind === 'charge')
    expect(charges).toHaveLength(1)
  })

  it('is not asked for again without a key', async () => {
    way.resets.push(NGHTTP2_INTERNAL_ERROR)
    await expect(client.createUser({ userId: 'once' })).rejects.toMatchObject({ reason: 'INTERNAL' })
    await expect(client.createUser({ userId: 'once' })).rejects.toMatchObject({ reason: 'USER_EXISTS' })
  })
})

it('a stream that is settled is not reset: by the thousand, that would cost the connection', async () => {
  const userId = await server.aUser()
  async function* generation() {
    yield { choices: [{ index: 0, delta: { content: 'word' } }] }
  }
  const before = way.cancelledByClient
  for (let index = 0; index < 30; index++) {
    const metered = meterStream(meterContext(client), {
      open: { ...openOf(userId), idempotencyKey: `stream-${index}` },
      format: 'openai.chat',
      start: generation,
    })
    for await (const _chunk of metered);
    expect((await metered.ended).charge).toBeDefined()
  }

  expect(way.cancelledByClient - before).toBe(0)
})

function callOf(userId: string) {
  return { userId, model: 'test-model', usage: { inputTokens: 1 } }
}
