import { constants, type Http2Server, type Http2Session } from 'node:http2'
import type { Socket } from 'node:net'
import type { Server } from '@grpc/grpc-js'
import { log } from '../../observability/log'

/*
 * Bounds what connections take of a process. A connection is a stranger's until a call on it has shown a valid token.
 * Strangers get few streams, and when there are too many of them the oldest connections end: a client that means to work
 * shows its token with its first call. This uses a private field of grpc-js, whose version is pinned;
 * `test/rpc/server/anonymousCalls.test.ts` fails if it changes.
 */

export interface ConnectionLimits {
  /** Calls at once on a connection that has shown a token. Further calls wait for their turn. */
  callsMax: number
  /** Connections that have not shown a token. A client needs a moment to show one, so that many must fit at once. */
  strangersMax: number
  /** Connections that have. */
  trustedMax: number
}

/** Streams of a stranger. HTTP/2 clients assume this number until they know better. */
const STRANGER_STREAMS_MAX = 100

/**
 * Streams that a connection may open beyond its calls. They wait here, because from Node 22 on the server counts a
 * cancelled stream until the next turn of its event loop. A client at the limit of HTTP/2 that cancels a call and sends the
 * next at once would get ENHANCE_YOUR_CALM, which it shows as RESOURCE_EXHAUSTED without details.
 */
const WAITING_STREAMS_MAX = 1_000

const CHECK_INTERVAL_MS = 1_000
/**
 * A client may send so many bytes a second beyond those of calls: 75,000 frames of PRIORITY or WINDOW_UPDATE. A client that
 * reads as fast as it can sends one WINDOW_UPDATE for each 32 KiB.
 */
const OVERHEAD_BYTES_PER_SECOND_MAX = 1024 * 1024
/** What the headers of a new stream and its unread data may take. */
const STREAM_BYTES = 80 * 1024
/** Frames that wait because the client does not read its socket. */
const STRANGER_QUEUED_FRAMES_MAX = 2_000

interface Connection {
  isTrusted: boolean
  running: number
  /** Starts of the calls that wait for their turn. */
  readonly waiting: Set<() => void>
  /** Of the present second: bytes that calls account for, and bytes read before it. */
  accountedBytes: number
  bytesReadBefore: number
}

export class Connections {
  readonly #limits: ConnectionLimits
  /** The oldest first. */
  readonly #connections = new Map<Http2Session, Connection>()
  /** Sockets without a session: those that have not finished the handshake of TLS. The oldest first. */
  readonly #handshakes = new Map<string, Socket>()
  #strangers = 0
  #timer: NodeJS.Timeout | undefined

  constructor(limits: ConnectionLimits) {
    this.#limits = limits
  }

  /** The number of streams that a new connection is told it may open. */
  get initialStreamsMax(): number {
    return Math.min(STRANGER_STREAMS_MAX, this.#limits.callsMax + WAITING_STREAMS_MAX)
  }

  /** Watches all connections of a server that listens. */
  watch(server: Server): void {
    const { http2Servers } = server as unknown as { http2Servers: Map<Http2Server, unknown> }
    for (const http2Server of http2Servers.keys()) {
      // Before the listener of HTTP/2, which begins the session of a plain connection.
      http2Server.prependListener('connection', (socket: Socket) => this.#shakesHands(socket))
      http2Server.on('session', (session: Http2Session) => this.#opened(session))
    }
    this.#timer = setInterval(() => this.#endFloods(), CHECK_INTERVAL_MS)
    this.#timer.unref()
  }

  close(): void {
    clearInterval(this.#timer)
  }

  /** A call on the connection has shown a valid token. False where too many connections have. */
  trust(session: Http2Session): boolean {
    const connection = this.#connections.get(session)
    if (connection === undefined || connection.isTrusted) return true
    if (this.#connections.size - this.#strangers >= this.#limits.trustedMax) return false
    connection.isTrusted = true
    this.#strangers -= 1
    session.settings({ maxConcurrentStreams: this.#limits.callsMax + WAITING_STREAMS_MAX })
    return true
  }

  /** Starts a call, at once or when it has its turn. Returns the function to call when it has ended. */
  begin(session: Http2Session, start: () => void): () => void {
    const connection = this.#connections.get(session)
    if (connection === undefined) {
      start()
      return () => undefined
    }
    if (connection.running < this.#limits.callsMax) {
      connection.running += 1
      start()
    } else {
      connection.waiting.add(start)
    }
    return () => {
      if (connection.waiting.delete(start)) return
      const [next] = connection.waiting
      if (next === undefined) {
        connection.running -= 1
        return
      }
      connection.waiting.delete(next)
      next()
    }
  }

  /** A new stream of the connection, or data on one. */
  account(session: Http2Session | undefined, bytes = STREAM_BYTES): void {
    const connection = session && this.#connections.get(session)
    if (connection !== undefined) connection.accountedBytes += bytes
  }

  #shakesHands(socket: Socket): void {
    const key = keyOf(socket)
    this.#handshakes.set(key, socket)
    socket.once('close', () => this.#handshakes.delete(key))
    if (this.#handshakes.size <= this.#limits.strangersMax) return
    const [oldest] = this.#handshakes.values()
    oldest?.destroy()
  }

  #opened(session: Http2Session): void {
    if (session.socket !== undefined) this.#handshakes.delete(keyOf(session.socket))
    this.#connections.set(session, {
      isTrusted: false,
      running: 0,
      waiting: new Set(),
      accountedBytes: STREAM_BYTES,
      bytesReadBefore: 0,
    })
    this.#strangers += 1
    session.once('close', () => this.#forget(session))
    if (this.#strangers > this.#limits.strangersMax) this.#endOldestStranger()
  }

  #endOldestStranger(): void {
    for (const [session, { isTrusted }] of this.#connections) {
      if (isTrusted) continue
      this.#forget(session)
      // Not within a callback of HTTP/2: Node 20 may loop there without end.
      setImmediate(() => session.destroy())
      return
    }
  }

  #forget(session: Http2Session): void {
    if (this.#connections.get(session)?.isTrusted === false) this.#strangers -= 1
    this.#connections.delete(session)
  }

  #endFloods(): void {
    for (const [session, connection] of this.#connections) {
      if (session.destroyed || session.socket === undefined) continue
      const { bytesRead, remoteAddress } = session.socket
      const overheadBytes = bytesRead - connection.bytesReadBefore - 2 * connection.accountedBytes
      connection.bytesReadBefore = bytesRead
      connection.accountedBytes = 0
      const isFlood = overheadBytes > OVERHEAD_BYTES_PER_SECOND_MAX
      const isUnread =
        !connection.isTrusted && (session.state.outboundQueueSize ?? 0) > STRANGER_QUEUED_FRAMES_MAX
      if (!isFlood && !isUnread) continue
      log.warn({ remoteAddress, overheadBytes }, 'ended a connection that floods the server with frames')
      session.destroy(undefined, constants.NGHTTP2_ENHANCE_YOUR_CALM)
    }
  }
}

function keyOf({ remoteAddress, remotePort }: Pick<Socket, 'remoteAddress' | 'remotePort'>): string {
  return `${remoteAddress} ${remotePort}`
}
