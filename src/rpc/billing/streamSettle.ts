import { performance } from 'node:perf_hooks'
import type { StreamSession } from '../../billing/streams/streamSession'
import type { Streams } from '../../billing/streams/streamSettle'
import { BillingError } from '../../domain/errors'
import type { StreamSettleRequest__Output } from '../../wire/generated/tollgate/billing/v1/StreamSettleRequest'
import { readStreamClose, readStreamOpen, readStreamProgress } from '../fields/readStream'
import { streamMessageToWire } from '../fields/writeStream'
import { endWithError, type StreamSettleCall, type StreamSettleHandler } from '../server/streamCall'
import { Undecodable } from '../server/undecodable'

/**
 * Node's HTTP/2 ends a stream that it cancels, and cancels it right after; a broken connection looks the same for a
 * moment. A half-close counts once nothing of that kind has followed it: settling a cut stream could not be undone.
 */
const CANCEL_GRACE_MS = 100

/** Serves StreamSettle connections: each is one session, which is fed one message at a time. */
export function streamSettle(streams: Streams): StreamSettleHandler {
  return (call) => {
    const session = streams.connect({
      send: (message) => write(call, streamMessageToWire(message), streams.rules.validityMs),
      end: (error) => end(call, error),
    })
    const limit = rateLimit(streams.rules.messagesPerSecondMax)

    call.on('data', (request) => {
      if (session.ended) return
      const done = hear(session, request)
      const wait = limit()
      if (done === undefined && wait === undefined) return
      // No more is read until this was dealt with: the sockets hold back whoever sends faster.
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

function hear(session: StreamSession, request: StreamSettleRequest__Output): Promise<void> | undefined {
  try {
    if (request instanceof Undecodable) throw request.error
    if (request.open) return session.open(readStreamOpen(request.open))
    if (request.progress) return session.progress(readStreamProgress(request.progress))
    if (request.close) return session.hear({ type: 'close', close: readStreamClose(request.close) })
    throw new BillingError('STREAM_PROTOCOL', 'a message must be an open, a progress or a close')
  } catch (error) {
    return session.hear({ type: 'violated', error })
  }
}

/** Sends at once; where the client has fallen behind, a promise that it caught up or is gone. */
function write(
  call: StreamSettleCall,
  response: Parameters<StreamSettleCall['write']>[0],
  timeoutMs: number,
): Promise<void> | undefined {
  if (call.cancelled || call.write(response)) return undefined
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      stop()
      reject(new BillingError('STREAM_PROTOCOL', 'the client does not read what it is sent'))
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

/** Counts messages; from the one that is too many in a second, a promise of the next second. */
function rateLimit(perSecondMax: number): () => Promise<void> | undefined {
  let windowStartMs = 0
  let count = 0
  return () => {
    const nowMs = performance.now()
    if (nowMs - windowStartMs >= 1_000) {
      windowStartMs = nowMs
      count = 0
    }
    count += 1
    if (count < perSecondMax) return undefined
    return new Promise((resolve) => setTimeout(resolve, windowStartMs + 1_000 - nowMs))
  }
}
