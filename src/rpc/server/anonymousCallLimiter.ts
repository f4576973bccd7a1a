import type { Metadata, ServerInterceptor } from '@grpc/grpc-js'
import { BillingError } from '../../domain/errors'
import { statusOf } from './errors'

type Call = Parameters<ServerInterceptor>[1]

/** Messages of these methods hold names of services and symbols. */
const MESSAGE_BYTES_MAX = 4_096
/** A client needs one health watch at most, but a proxy may carry many clients on one connection. */
const CONNECTION_CALLS_MAX = 1_000

/**
 * Bounds the memory that a client without a token can take, on methods that anybody may call (health, reflection,
 * unknown ones): short messages, and few calls at once.
 */
export class AnonymousCallLimiter {
  readonly #checkMetadata: (metadata: Metadata) => void
  /** The number of running calls, by connection. */
  readonly #running = new Map<string, number>()

  constructor(checkMetadata: (metadata: Metadata) => void) {
    this.#checkMetadata = checkMetadata
  }

  guard(call: Call, path: string): void {
    limitMessageSize(call, MESSAGE_BYTES_MAX)
    const { remoteAddress, remotePort } = call.getConnectionInfo()
    const connection = `${remoteAddress} ${remotePort}`
    const start = call.start.bind(call)
    call.start = (listener) => {
      const admit = listener.onReceiveMetadata.bind(listener)
      const cancel = listener.onCancel.bind(listener)
      let isRunning = false
      listener.onReceiveMetadata = (metadata) => {
        try {
          this.#checkMetadata(metadata)
          this.#enter(connection)
        } catch (error) {
          call.sendStatus(statusOf(error, path))
          return
        }
        isRunning = true
        admit(metadata)
      }
      // grpc-js calls this exactly once, however the call ends.
      listener.onCancel = () => {
        if (isRunning) this.#leave(connection)
        cancel()
      }
      start(listener)
    }
  }

  /** @throws BillingError OVERLOADED */
  #enter(connection: string): void {
    const running = this.#running.get(connection) ?? 0
    if (running >= CONNECTION_CALLS_MAX) {
      throw new BillingError(
        'OVERLOADED',
        `a connection may carry ${CONNECTION_CALLS_MAX} calls of health and reflection at once`,
        { retryAfterMs: 1_000 },
      )
    }
    this.#running.set(connection, running + 1)
  }

  #leave(connection: string): void {
    const running = (this.#running.get(connection) ?? 0) - 1
    if (running > 0) this.#running.set(connection, running)
    else this.#running.delete(connection)
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
