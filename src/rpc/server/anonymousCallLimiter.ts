import type { Metadata, ServerInterceptor } from '@grpc/grpc-js'
import { BillingError } from '../../domain/errors'
import { statusOf } from './errors'

type Call = Parameters<ServerInterceptor>[1]

/** Names of services and symbols. */
const MESSAGE_BYTES_MAX = 4_096
/** On one connection. A client watches the health of a service once, if at all; a proxy brings many clients on one. */
const AT_ONCE_MAX = 1_000

/**
 * Calls of methods that anybody may call (health, reflection, those that aren't there). What a stranger can take of this
 * process's memory on a connection is bounded by it: short messages, of few calls.
 */
export class OpenCalls {
  readonly #checkMetadata: (metadata: Metadata) => void
  /** How many run, by connection. */
  readonly #running = new Map<string, number>()

  constructor(checkMetadata: (metadata: Metadata) => void) {
    this.#checkMetadata = checkMetadata
  }

  guard(call: Call, path: string): void {
    readNoMoreThan(call, MESSAGE_BYTES_MAX)
    const { remoteAddress, remotePort } = call.getConnectionInfo()
    const connection = `${remoteAddress} ${remotePort}`
    const start = call.start.bind(call)
    call.start = (listener) => {
      const letIn = listener.onReceiveMetadata.bind(listener)
      const cancel = listener.onCancel.bind(listener)
      let runs = false
      listener.onReceiveMetadata = (metadata) => {
        try {
          this.#checkMetadata(metadata)
          this.#enter(connection)
        } catch (error) {
          call.sendStatus(statusOf(error, path))
          return
        }
        runs = true
        letIn(metadata)
      }
      // However a call ends, grpc-js says so here, once.
      listener.onCancel = () => {
        if (runs) this.#leave(connection)
        cancel()
      }
      start(listener)
    }
  }

  /** @throws BillingError OVERLOADED */
  #enter(connection: string): void {
    const running = this.#running.get(connection) ?? 0
    if (running >= AT_ONCE_MAX) {
      throw new BillingError(
        'OVERLOADED',
        `a connection may carry ${AT_ONCE_MAX} calls of health and reflection at once`,
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
 * As it comes in, and when it is unpacked. grpc-js has one limit for all methods, so this reaches into it: its version is
 * pinned, and `test/rpc/openCalls.test.ts` notices if that stops working.
 */
function readNoMoreThan(call: Call, bytesMax: number): void {
  const inner = call as unknown as {
    maxReceiveMessageSize: number
    decoder: { maxReadMessageLength: number }
  }
  inner.maxReceiveMessageSize = bytesMax
  inner.decoder.maxReadMessageLength = bytesMax
}
