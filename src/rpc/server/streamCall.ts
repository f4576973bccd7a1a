import { performance } from 'node:perf_hooks'
import {
  type handleBidiStreamingCall,
  type ServerDuplexStream,
  type StatusObject,
  status,
} from '@grpc/grpc-js'
import type { RpcMethodMetrics } from '../../observability/metrics'
import type { StreamSettleRequest__Output } from '../../wire/generated/tollgate/billing/v1/StreamSettleRequest'
import type { StreamSettleResponse } from '../../wire/generated/tollgate/billing/v1/StreamSettleResponse'
import { codeNameOf, cutCodeOf } from './codeNames'
import { statusOf } from './errors'

/** A StreamSettle connection of grpc-js. A request may be an `Undecodable`. */
export type StreamSettleCall = ServerDuplexStream<StreamSettleRequest__Output, StreamSettleResponse>

/** Serves a connection until it ends it, by `call.end()` or {@link endWithError}. */
export type StreamSettleHandler = (call: StreamSettleCall) => void

export const STREAM_SETTLE_PATH = '/tollgate.billing.v1.BillingService/StreamSettle'

/** Ends a stream with an error's status, details included. */
export function endWithError(call: StreamSettleCall, error: unknown): void {
  call.emit('error', statusOf(error, STREAM_SETTLE_PATH))
}

/** Wraps the handler with what streams share with unary calls: metrics and errors. */
export function streamCall(
  handler: StreamSettleHandler,
  metrics: RpcMethodMetrics,
): handleBidiStreamingCall<StreamSettleRequest__Output, StreamSettleResponse> {
  return (call) => {
    const startedMs = performance.now()
    let code: status | undefined
    let counted = false
    const ended = (last: status) => {
      if (counted) return
      counted = true
      metrics.handled({ code: codeNameOf(last), handlingMs: performance.now() - startedMs })
    }
    metrics.started()
    call.once('error', (error: Partial<StatusObject>) => {
      code = error.code ?? status.UNKNOWN
    })
    call.once('finish', () => ended(code ?? status.OK))
    call.once('cancelled', () => ended(cutCodeOf(call)))
    try {
      handler(call)
    } catch (error) {
      endWithError(call, error)
    }
  }
}
