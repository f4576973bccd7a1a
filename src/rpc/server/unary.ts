import { performance } from 'node:perf_hooks'
import { type handleUnaryCall, type ServerUnaryCall, status } from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { Billing } from '../../billing/billing'
import type { Caller } from '../../billing/caller'
import { BillingError } from '../../domain/errors'
import type { PostOptions } from '../../ledger/engine'
import type { RpcMethodMetrics } from '../../observability/metrics'
import { actorOf } from './actors'
import { codeNameOf, cutCodeOf } from './codeNames'
import { statusOf } from './errors'
import type { AnswerEncoder } from './slicedAnswers'
import { Undecodable } from './undecodable'

/** One RPC: reads the request, runs its use case, writes the response. */
export type UnaryHandler<Request, Response> = (
  billing: Billing,
  request: Request,
  caller: Caller,
) => Promise<Response>

/** The unary RPCs of a service, each with its handler. */
export type UnaryHandlersOf<Service> = {
  [Name in keyof Service as string extends Name
    ? never
    : Exclude<Name, 'StreamSettle'>]: Service[Name] extends MethodDefinition<
    infer _In,
    infer Response,
    infer Request,
    infer _Out
  >
    ? UnaryHandler<Request, Response>
    : never
}

export interface UnarySettings {
  billing: Billing
  /** Full path: `/tollgate.billing.v1.BillingService/ChargeUsage`. */
  path: string
  metrics: RpcMethodMetrics
  /** Encodes answers that take long to encode, and passes on others. Absent = they are all short. */
  encode: AnswerEncoder | undefined
}

/**
 * Wraps a handler with what all admitted unary calls share: deadline, metrics, errors. A call whose client has gone away
 * still runs to its end: the deduction that it asked for is due, and a retry under the same key finds it.
 */
export function unary<Request, Response extends object>(
  handler: UnaryHandler<Request, Response>,
  { billing, path, metrics, encode }: UnarySettings,
): handleUnaryCall<Request, Response> {
  const answer = async (call: ServerUnaryCall<Request, Response>): Promise<Response> => {
    if (call.request instanceof Undecodable) throw call.request.error
    const response = await handler(billing, call.request, { actor: actorOf(call), ...deadlineOf(call) })
    return encode === undefined ? response : ((await encode(response)) as Response)
  }
  return (call, callback) => {
    const startedMs = performance.now()
    metrics.started()
    const ended = (code: status) =>
      metrics.handled({
        code: codeNameOf(call.cancelled ? cutCodeOf(call) : code),
        handlingMs: performance.now() - startedMs,
      })
    answer(call).then(
      (response) => {
        ended(status.OK)
        callback(null, response)
      },
      (error: unknown) => {
        const answered = statusOf(error, path)
        ended(answered.code)
        callback(answered)
      },
    )
  }
}

/** The client's deadline in this process's monotonic time. */
function deadlineOf(call: ServerUnaryCall<unknown, unknown>): PostOptions {
  const deadline = Number(call.getDeadline())
  if (deadline === Number.POSITIVE_INFINITY) return {}
  const remainingMs = deadline - Date.now()
  if (remainingMs <= 0) {
    throw new BillingError('DEADLINE_EXCEEDED', 'the deadline passed before the call began')
  }
  return { deadlineAtMs: performance.now() + remainingMs }
}
