import { createServer, type Http2Server } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { Http2Connection } from '../../bench/http2/connection'

const ANSWER = Buffer.alloc(2 ** 20)
// More than twice what a connection grants before it refills.
const CALLS = 40

describe('the load program’s connection', () => {
  let server: Http2Server
  let connection: Http2Connection

  beforeEach(async () => {
    server = createServer()
    server.on('stream', (stream) => {
      stream.respond()
      stream.end(ANSWER)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    connection = await Http2Connection.open(`127.0.0.1:${port}`, '/')
  })

  afterEach(async () => {
    connection.close()
    await new Promise((resolve) => server.close(resolve))
  })

  it('gives back what it received and no more, over any number of bytes', async () => {
    for (let call = 0; call < CALLS; call++) {
      const isAnswered = await new Promise<boolean>((resolve) => {
        connection.start({ onEnd: resolve })
        connection.flush()
      })
      expect(isAnswered).toBe(true)
    }
  })
})
