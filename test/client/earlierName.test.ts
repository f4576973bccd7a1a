import { connectTollgate, meterStream } from '../../src/client/index'
import { openOf, type StreamServer, startStreamServer } from '../support/streamServer'

let server: StreamServer

beforeAll(async () => {
  server = await startStreamServer()
})

afterAll(() => server.stop())

test('a gateway written for `tollgate/client` still meters a stream', async () => {
  const client = connectTollgate({ address: server.address })
  const userId = await server.aUser()
  const usage = { prompt_tokens: 900, completion_tokens: 1, total_tokens: 901 }
  const metered = meterStream(client, {
    open: openOf(userId),
    format: 'openai.chat',
    start: async function* () {
      yield { choices: [{ index: 0, delta: { content: 'Yes' } }] }
      yield { choices: [], usage }
    },
  })
  const chunks: object[] = []
  for await (const chunk of metered) chunks.push(chunk)
  expect(chunks).toHaveLength(2)
  const { charge } = await metered.ended
  expect(charge?.usage).toMatchObject({ inputTokens: '900', outputTokens: '1' })
  expect(BigInt(charge?.amountNanousd ?? 0)).toBeGreaterThan(0n)
  client.close()
})
