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

/** A path between client and server that resets HTTP/2 streams, and counts the resets of the client. */
export class Http2Way {
  /** Resets the next answers with these codes, after the server has sent them; undefined lets one pass. */
  readonly resets: (number | undefined)[] = []
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
      // An error has only headers.
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
