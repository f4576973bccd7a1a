import { constants, type Http2Session, type ServerHttp2Stream } from 'node:http2'
import type { Metadata, ServerInterceptor } from '@grpc/grpc-js'
import { BillingError } from '../../domain/errors'
import { statusOf } from './errors'

type Call = Parameters<ServerInterceptor>[1]

/** Messages of these methods hold names of services and symbols. */
const MESSAGE_BYTES_MAX = 4_096
/** A client needs one health watch at most, but a proxy may carry many clients on one connection. */
const CONNECTION_CALLS_MAX = 100
/** Of all connections. A watch takes some 10 KiB. */
const PROCESS_CALLS_MAX = 1_000
/** An answer of reflection is the whole contract, some 150 KiB, and is kept until it is read. */
const PROCESS_REFLECTIONS_MAX = 16

/**
 * Bounds the memory that clients without a token can take, on methods that anybody may call (health, reflection, unknown
 * ones): short messages, and few calls at once. Where all connections together have too many calls, the oldest call ends,
 * so that clients that hold on to theirs cannot shut out others.
 */
export class AnonymousCallLimiter {
  readonly #checkMetadata: (metadata: Metadata) => void
  readonly #byConnection = new WeakMap<Http2Session, number>()
  readonly #reflections = new Pool(PROCESS_REFLECTIONS_MAX)
  readonly #others = new Pool(PROCESS_CALLS_MAX)

  constructor(checkMetadata: (metadata: Metadata) => void) {
    this.#checkMetadata = checkMetadata
  }

  guard(call: Call, path: string): void {
    limitMessageSize(call, MESSAGE_BYTES_MAX)
    const { stream } = call as unknown as { stream: ServerHttp2Stream }
    const pool = path.startsWith('/grpc.reflection.') ? this.#reflections : this.#others
    const start = call.start.bind(call)
    call.start = (listener) => {
      const admit = listener.onReceiveMetadata.bind(listener)
      listener.onReceiveMetadata = (metadata) => {
        try {
          this.#checkMetadata(metadata)
          this.#enter(stream)
        } catch (error) {
          call.sendStatus(statusOf(error, path))
          return
        }
        pool.add(stream)
        admit(metadata)
      }
      start(listener)
    }
  }

  /** @throws BillingError OVERLOADED */
  #enter(stream: ServerHttp2Stream): void {
    const { session } = stream
    if (session === undefined) return
    const running = this.#byConnection.get(session) ?? 0
    if (running >= CONNECTION_CALLS_MAX) {
      throw new BillingError(
        'OVERLOADED',
        `a connection may carry ${CONNECTION_CALLS_MAX} calls of health and reflection at once`,
        { retryAfterMs: 1_000 },
      )
    }
    this.#byConnection.set(session, running + 1)
    stream.once('close', () => this.#byConnection.set(session, (this.#byConnection.get(session) ?? 1) - 1))
  }
}

/** A bounded number of streams. One more ends the oldest. */
class Pool {
  readonly #streamsMax: number
  readonly #streams = new Set<ServerHttp2Stream>()

  constructor(streamsMax: number) {
    this.#streamsMax = streamsMax
  }

  add(stream: ServerHttp2Stream): void {
    this.#streams.add(stream)
    stream.once('close', () => this.#streams.delete(stream))
    if (this.#streams.size <= this.#streamsMax) return
    const [oldest] = this.#streams
    if (oldest === undefined) return
    this.#streams.delete(oldest)
    // Not within a callback of HTTP/2: a reset of a stream there may send Node 20 into an endless loop.
    setImmediate(() => oldest.close(constants.NGHTTP2_ENHANCE_YOUR_CALM))
  }
}

/**
 * Limits the size of a call's messages, both as received and as decompressed. grpc-js has one limit for all methods, so
 * this sets its private fields. Its version is pinned, and `test/rpc/server/anonymousCalls.test.ts` fails if they change.
 */
function limitMessageSize(call: Call, bytesMax: number): void {
  const inner = call as unknown as {
    maxReceiveMessageSize: number
    decoder: { maxReadMessageLength: number }
  }
  inner.maxReceiveMessageSize = bytesMax
  inner.decoder.maxReadMessageLength = bytesMax
}
