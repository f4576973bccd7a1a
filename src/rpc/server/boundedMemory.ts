import { constants, type ServerHttp2Stream } from 'node:http2'
import { getHeapStatistics } from 'node:v8'
import type { ServerInterceptingCall, ServerInterceptor } from '@grpc/grpc-js'
import { BillingError } from '../../domain/errors'
import { type ByteAccount, ByteBudget } from './byteBudget'
import { statusOf } from './errors'
import { decodedWeightOf } from './undecodable'

/*
 * Bounds the memory that calls take of a whole process: the bytes of requests that are not finished, and the bytes of
 * answers that their readers have not taken yet. Each call alone is within its limits, but a client may open ten thousand
 * of them on each of its connections. Where all together take too much, the calls end that have held their bytes for
 * longest. This uses private fields of grpc-js, whose version is pinned;
 * `test/rpc/server/boundedMemory.test.ts` fails if they change.
 */

interface InnerCall {
  stream: ServerHttp2Stream
  serializeMessage(message: unknown): Buffer
}

/** A heap of 256 MiB, which Node takes of a container with 512 MiB, gives each of the two budgets 64 MiB. */
const SHARE_OF_HEAP = 4
const BYTES_MIN = 32 * 1024 * 1024

export function defaultBytesMax(): number {
  return Math.max(BYTES_MIN, Math.floor(getHeapStatistics().heap_size_limit / SHARE_OF_HEAP))
}

/** @param bytesMax of requests that are not finished, and as many of answers that are not read */
export function boundedMemory(bytesMax: number): ServerInterceptor {
  const requests = new ByteBudget(bytesMax)
  const answers = new ByteBudget(bytesMax)
  return ({ path, requestStream }, call) => {
    boundRequest(call, { budget: requests, path, isStream: requestStream })
    boundAnswers(call, answers)
    return call as ServerInterceptingCall
  }
}

type Call = Parameters<ServerInterceptor>[1]

function boundRequest(
  call: Call,
  { budget, path, isStream }: { budget: ByteBudget; path: string; isStream: boolean },
): void {
  const { stream } = call as unknown as InnerCall
  const refuse = () => call.sendStatus(statusOf(overloaded(), path))
  const account: ByteAccount = { bytes: 0, mayEnd: true, end: refuse }
  stream.on('data', (chunk: Buffer) => void budget.take(account, chunk.length))
  stream.once('close', () => budget.give(account))
  const start = call.start.bind(call)
  call.start = (listener) => {
    const receive = listener.onReceiveMessage.bind(listener)
    listener.onReceiveMessage = (message) => {
      if (isStream) {
        budget.give(account)
      } else {
        // From here on the call works, and ends by itself.
        account.mayEnd = false
        if (!budget.take(account, decodedWeightOf(message))) {
          refuse()
          return
        }
      }
      receive(message)
    }
    start(listener)
  }
}

function boundAnswers(call: Call, budget: ByteBudget): void {
  const inner = call as unknown as InnerCall
  const { stream } = inner
  const account: ByteAccount = {
    bytes: 0,
    mayEnd: true,
    // Not within a callback of HTTP/2: a reset of a stream there may send Node 20 into an endless loop.
    end: () => setImmediate(() => stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM)),
  }
  /** Sizes of the messages that are on their way, in order. */
  const sizes: number[] = []
  const serialize = inner.serializeMessage.bind(call)
  inner.serializeMessage = (message) => {
    const bytes = serialize(message)
    sizes.push(bytes.length)
    budget.take(account, bytes.length)
    return bytes
  }
  const send = call.sendMessage.bind(call)
  call.sendMessage = (message, callback) =>
    send(message, () => {
      budget.give(account, sizes.shift())
      callback()
    })
  stream.once('close', () => budget.give(account))
}

function overloaded(): BillingError {
  return new BillingError('OVERLOADED', 'too many bytes of requests are unfinished at this replica', {
    retryAfterMs: 1_000,
  })
}
