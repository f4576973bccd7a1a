import type { ServerHttp2Stream } from 'node:http2'
import { performance } from 'node:perf_hooks'
import { Metadata, type ServerInterceptingCall, type ServerInterceptor } from '@grpc/grpc-js'
import { BillingError } from '../../domain/errors'
import type { RpcMethodMetrics } from '../../observability/metrics'
import { rememberActor } from './actors'
import type { AnonymousCallLimiter } from './anonymousCallLimiter'
import type { Authorize } from './auth'
import { codeNameOf } from './codeNames'
import type { Connections } from './connections'
import { statusOf } from './errors'

/** How calls of a method are authorized, and which metrics count those that are refused. */
export interface Gate {
  authorize: Authorize
  metrics: RpcMethodMetrics
}

export interface AdmissionSettings {
  gates: ReadonlyMap<string, Gate>
  anonymousCalls: AnonymousCallLimiter
  connections: Connections
}

type Call = Parameters<ServerInterceptor>[1]

interface InnerCall {
  stream: ServerHttp2Stream
}

/**
 * Admits calls by their metadata, before any of their message is read, so that a stranger's message takes no memory.
 * Methods without a gate (health, reflection, unknown ones) are open to all, within narrow limits.
 */
export function admission({ gates, anonymousCalls, connections }: AdmissionSettings): ServerInterceptor {
  return ({ path }, call) => {
    watchBytes(call, connections)
    const gate = gates.get(path)
    if (gate === undefined) anonymousCalls.guard(call, path)
    else guard(call, { gate, path, connections })
    return call as ServerInterceptingCall
  }
}

function watchBytes(call: Call, connections: Connections): void {
  const { stream } = call as unknown as InnerCall
  connections.account(stream.session)
  stream.on('data', (chunk: Buffer) => connections.account(stream.session, chunk.length))
}

function guard(
  call: Call,
  { gate, path, connections }: { gate: Gate; path: string; connections: Connections },
): void {
  const { stream } = call as unknown as InnerCall
  const start = call.start.bind(call)
  call.start = (listener) => {
    const admit = listener.onReceiveMetadata.bind(listener)
    listener.onReceiveMetadata = (metadata) => {
      try {
        rememberActor(metadata, gate.authorize(metadata))
        if (stream.session !== undefined && !connections.trust(stream.session)) throw tooManyConnections()
      } catch (error) {
        refuse(call, { gate, path, error })
        return
      }
      if (stream.session === undefined) return
      const end = connections.begin(stream.session, () => admit(metadata))
      stream.once('close', end)
    }
    start(listener)
  }
}

function tooManyConnections(): BillingError {
  return new BillingError('OVERLOADED', 'this replica has too many connections', { retryAfterMs: 1_000 })
}

function refuse(
  call: Call,
  { gate: { metrics }, path, error }: { gate: Gate; path: string; error: unknown },
): void {
  const startedMs = performance.now()
  metrics.started()
  const { code, details, metadata = new Metadata() } = statusOf(error, path)
  metrics.handled({ code: codeNameOf(code), handlingMs: performance.now() - startedMs })
  call.sendStatus({ code, details, metadata })
}
