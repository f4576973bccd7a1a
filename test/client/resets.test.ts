import { once } from 'node:events'
import {
  type ClientHttp2Session,
  connect,
  constants,
  createServer,
  type Http2Server,
  type ServerHttp2Stream,
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import { connectTollgate, meterStream, type TollgateClient } from '../../src/client'
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

/** Between client and server, where HTTP/2 streams can be reset, and are counted where the client resets them. */
class Http2Way {
  /** Resets the next answers with these codes, once the server has given them. */
  readonly resets: number[] = []
  cancelledByClient = 0
  readonly #near: Http2Server
  readonly #far: ClientHttp2Session

  private constructor(near: Http2Server, far: ClientHttp2Session) {
    this.#near = near
    this.#far = far
    near.on('stream', (stream, headers) => this.#pass(stream, headers))
  }

  static async to(address: string): Promise<Http2Way> {
    const near = createServer().listen(0, '127.0.0.1')
    await once(near, 'listening')
    return new Http2Way(near, connect(`http://${address}`))
  }

  get address(): string {
    return `127.0.0.1:${(this.#near.address() as AddressInfo).port}`
  }

  close(): void {
    this.#far.destroy()
    this.#near.close()
  }

  #pass(near: ServerHttp2Stream, headers: object): void {
    const far = this.#far.request({ ...headers }, { endStream: false })
    const reset = this.resets.shift()
    let trailers: object = {}
    near
      .on('error', () => undefined)
      .on('close', () => {
        if (near.rstCode !== constants.NGHTTP2_CANCEL) return
        this.cancelledByClient++
        far.close(constants.NGHTTP2_CANCEL)
      })
    near.pipe(far)
    far.on('error', () => undefined)
    far.on('trailers', (sent) => {
      trailers = sent
    })
    if (reset !== undefined) {
      far.resume().on('end', () => near.close(reset))
      return
    }
    far.on('response', (answer, flags) => {
      if (near.destroyed) return
      // An error: its headers are all there is.
      if ((flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0) {
        near.respond({ ...answer }, { endStream: true })
        return
      }
      near.respond({ ...answer }, { waitForTrailers: true })
      near.on('wantTrailers', () => near.sendTrailers({ ...trailers }))
      far.pipe(near)
    })
  }
}

const { NGHTTP2_INTERNAL_ERROR, NGHTTP2_CANCEL, NGHTTP2_PROTOCOL_ERROR, NGHTTP2_NO_ERROR } = constants

describe('a charge whose answer is cut off by a reset of its stream', () => {
  it.each([
    ['INTERNAL_ERROR', NGHTTP2_INTERNAL_ERROR],
    ['PROTOCOL_ERROR', NGHTTP2_PROTOCOL_ERROR],
    ['CANCEL', NGHTTP2_CANCEL],
    ['NO_ERROR', NGHTTP2_NO_ERROR],
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
    const metered = meterStream(client, {
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
