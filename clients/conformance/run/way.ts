import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

const HEADERS = 1
const DATA = 0
const CLIENT_PREFACE_BYTES = 24

/**
 * The network of one driver: it can be down, and lose the server's replies; and it counts the calls
 * that are made.
 */
export class Way {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #portOfServer: () => number | undefined
  #isDown = false
  #repliesToLose = 0
  calls = 0

  /** `portOfServer` is asked at each connection; undefined = there is no server. */
  static async to(portOfServer: () => number | undefined): Promise<Way> {
    const way = new Way(portOfServer)
    await new Promise<void>((resolve) => way.#server.listen(0, '127.0.0.1', resolve))
    return way
  }

  private constructor(portOfServer: () => number | undefined) {
    this.#portOfServer = portOfServer
    this.#server = createServer((near) => this.#accept(near))
  }

  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  down(): void {
    this.#isDown = true
    for (const socket of this.#sockets) socket.destroy()
  }

  up(): void {
    this.#isDown = false
  }

  /** The next replies get lost, each with its connection, once the server has given them. */
  loseReplies(count: number): void {
    this.#repliesToLose = count
  }

  close(): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }

  #accept(near: Socket): void {
    const port = this.#portOfServer()
    if (this.#isDown || port === undefined) {
      near.resetAndDestroy()
      return
    }
    const far = connect(port, '127.0.0.1')
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(socket)
      socket
        .on('error', () => undefined)
        .on('close', () => {
          this.#sockets.delete(socket)
          other.destroy()
        })
    }
    const asked = frameTypes(CLIENT_PREFACE_BYTES)
    near.on('data', (bytes) => {
      this.calls += asked(bytes).filter((type) => type === HEADERS).length
      far.write(bytes)
    })
    const answered = frameTypes(0)
    far.on('data', (bytes) => {
      if (answered(bytes).includes(DATA) && this.#repliesToLose > 0) {
        this.#repliesToLose--
        near.destroy()
        return
      }
      near.write(bytes)
    })
    near.on('end', () => far.end())
    far.on('end', () => near.end())
  }
}

/** The types of the HTTP/2 frames that begin in a part of one direction of a connection. */
function frameTypes(prefaceBytes: number): (bytes: Buffer) => number[] {
  let toSkip = prefaceBytes
  let rest: Buffer = Buffer.alloc(0)
  return (bytes) => {
    const types: number[] = []
    rest = Buffer.concat([rest, bytes])
    for (;;) {
      const skipped = Math.min(toSkip, rest.length)
      toSkip -= skipped
      rest = rest.subarray(skipped)
      if (toSkip > 0 || rest.length < 9) return types
      types.push(rest.readUInt8(3))
      toSkip = 9 + rest.readUIntBE(0, 3)
    }
  }
}
