import { performance } from 'node:perf_hooks'
import { Metadata, type ServerInterceptingCall, type ServerInterceptor } from '@grpc/grpc-js'
import type { RpcMethodMetrics } from '../../observability/metrics'
import type { AnonymousCallLimiter } from './anonymousCallLimiter'
import type { Authorize } from './auth'
import { codeNameOf } from './codeNames'
import { statusOf } from './errors'

/** How calls of a method are authorized, and which metrics count those that are refused. */
export interface Gate {
  authorize: Authorize
  metrics: RpcMethodMetrics
}

/**
 * Admits calls by their metadata, before any of their message is read, so that a stranger's message takes no memory.
 * Methods without a gate (health, reflection, unknown ones) are open to all, within narrow limits.
 */
export function admission(
  gates: ReadonlyMap<string, Gate>,
  anonymousCalls: AnonymousCallLimiter,
): ServerInterceptor {
  return ({ path }, call) => {
    const gate = gates.get(path)
    if (gate === undefined) anonymousCalls.guard(call, path)
    else guard(call, { gate, path })
    return call as ServerInterceptingCall
  }
}

function guard(call: Parameters<ServerInterceptor>[1], { gate, path }: { gate: Gate; path: string }): void {
  const start = call.start.bind(call)
  call.start = (listener) => {
    const admit = listener.onReceiveMetadata.bind(listener)
    listener.onReceiveMetadata = (metadata) => {
      try {
        gate.authorize(metadata)
      } catch (error) {
        refuse(call, { gate, path, error })
        return
      }
      admit(metadata)
    }
    start(listener)
  }
}

function refuse(
  call: Parameters<ServerInterceptor>[1],
  { gate: { metrics }, path, error }: { gate: Gate; path: string; error: unknown },
): void {
  const startedMs = performance.now()
  metrics.started()
  const { code, details, metadata = new Metadata() } = statusOf(error, path)
  metrics.handled({ code: codeNameOf(code), handlingMs: performance.now() - startedMs })
  call.sendStatus({ code, details, metadata })
}
