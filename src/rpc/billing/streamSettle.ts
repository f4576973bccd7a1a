import { setTimeout as sleep } from 'node:timers/promises'
import type { StreamPort, StreamSession } from '../../billing/streams/streamSession'
import type { Streams } from '../../billing/streams/streamSettle'
import { BillingError } from '../../domain/errors'
import type { StreamSettleRequest__Output } from '../../wire/generated/tollgate/billing/v1/StreamSettleRequest'
import { type OpenedCall, readStreamClose, readStreamOpen, readStreamProgress } from '../fields/readStream'
import { streamMessageToWire } from '../fields/writeStream'
import { actorOf } from '../server/actors'
import { RateLimiter } from '../server/rateLimiter'
import { endWithError, type StreamSettleCall, type StreamSettleHandler } from '../server/streamCall'
import { Undecodable } from '../server/undecodable'

/**
 * Node's HTTP/2 reports the end of a stream just before it reports its cancellation or the loss of its connection. So a
 * half-close counts only if no cancellation follows within this time: settling a stream that was cut can't be undone.
 */
const CANCEL_GRACE_MS = 100

/** Serves StreamSettle connections. Each is one session, which gets one message at a time. */
export function streamSettle(streams: Streams): StreamSettleHandler {
  return (call) => {
    const port: StreamPort = {
      send: (message) => write(call, streamMessageToWire(message), streams.rules.validityMs),
      end: (error) => end(call, error),
    }
    const session = streams.connect(port, actorOf(call))
    const opened = { model: '', provider: '' }
    const limiter = new RateLimiter(streams.rules.messagesPerSecondMax)

    call.on('data', (request) => {
      if (session.ended) return
      const done = hear(session, request, opened)
      const wait = roomIn(limiter)
      if (done === undefined && wait === undefined) return
      // Until this message is dealt with no more are read, and the socket slows down a client that sends faster.
      call.pause()
      void Promise.all([done, wait]).then(() => call.resume())
    })
    call.on('end', () => {
      if (session.ended) return
      setTimeout(() => void session.hear({ type: 'half-close' }), CANCEL_GRACE_MS)
    })
    call.on('cancelled', () => void session.hear({ type: 'lost' }))
  }
}

/** @param opened what the open of this connection named, which its close is read by */
function hear(
  session: StreamSession,
  request: StreamSettleRequest__Output,
  opened: OpenedCall,
): Promise<void> | undefined {
  try {
    if (request instanceof Undecodable) throw request.error
    if (request.open) {
      const open = readStreamOpen(request.open)
      opened.model = open.call.model
      opened.provider = open.call.provider
      return session.open(open)
    }
    if (request.progress) return session.progress(readStreamProgress(request.progress))
    if (request.close) {
      return session.hear({ type: 'close', close: readStreamClose(request.close, opened) })
    }
    throw new BillingError('STREAM_PROTOCOL', 'a message must be an open, a progress or a close')
  } catch (error) {
    return session.hear({ type: 'violated', error })
  }
}

/** Sends at once. Where the client has fallen behind, returns a promise that resolves once it catches up or is gone. */
function write(
  call: StreamSettleCall,
  response: Parameters<StreamSettleCall['write']>[0],
  timeoutMs: number,
): Promise<void> | undefined {
  if (call.cancelled || call.write(response)) return undefined
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      stop()
      reject(new BillingError('STREAM_PROTOCOL', 'the client does not read its messages'))
    }, timeoutMs)
    const stop = () => {
      clearTimeout(timer)
      call.off('drain', caughtUp).off('cancelled', caughtUp)
    }
    const caughtUp = () => {
      stop()
      resolve()
    }
    call.on('drain', caughtUp).on('cancelled', caughtUp)
  })
}

function end(call: StreamSettleCall, error: unknown): void {
  if (call.cancelled) return
  if (error === undefined) call.end()
  else endWithError(call, error)
}

/** Counts a message. Once too many have come, returns a promise of room for the next tenth of a second's worth. */
function roomIn(limiter: RateLimiter): Promise<void> | undefined {
  if (limiter.tryTake() && limiter.waitMs() === 0) return undefined
  return sleep(limiter.waitMs(Math.max(1, limiter.perSecond / 10)))
}
