import { counters, histograms } from '../instruments'

const started = counters({ name: 'grpc_server_started_total', help: 'RPCs started on the server.' })
const handled = counters({
  name: 'grpc_server_handled_total',
  help: 'RPCs completed on the server, with any status.',
})
const seconds = histograms(
  { name: 'grpc_server_handling_seconds', help: 'Time from the start of an RPC until its end.' },
  [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
)

export interface RpcMethodMetrics {
  started(): void
  handled(outcome: { code: string; handlingMs: number }): void
}

export interface RpcMethodName {
  type: 'unary' | 'bidi_stream' | 'client_stream' | 'server_stream'
  /** Full name: `tollgate.billing.v1.BillingService`. */
  service: string
  method: string
}

/** Status names as go-grpc-middleware spells them, which is what dashboards look for. */
const codeNames = [
  ...['OK', 'Canceled', 'Unknown', 'InvalidArgument', 'DeadlineExceeded', 'NotFound', 'AlreadyExists'],
  ...[
    'PermissionDenied',
    'ResourceExhausted',
    'FailedPrecondition',
    'Aborted',
    'OutOfRange',
    'Unimplemented',
  ],
  ...['Internal', 'Unavailable', 'DataLoss', 'Unauthenticated'],
]

const made = new Map<string, RpcMethodMetrics>()

/** What one gRPC method counts; one for each method of a process, with its series there from the start. */
export function rpcMethod(name: RpcMethodName): RpcMethodMetrics {
  const path = `${name.service}/${name.method}`
  const known = made.get(path)
  if (known !== undefined) return known
  const fresh = metricsOf(name)
  made.set(path, fresh)
  return fresh
}

function metricsOf({ type, service, method }: RpcMethodName): RpcMethodMetrics {
  const labels = { grpc_type: type, grpc_service: service, grpc_method: method }
  const calls = started.series(labels)
  const time = seconds.series(labels)
  const ends = new Map(codeNames.map((code) => [code, handled.series({ ...labels, grpc_code: code })]))
  return {
    started: () => calls.add(),
    handled({ code, handlingMs }) {
      ends.get(code)?.add()
      time.observe(handlingMs / 1_000)
    },
  }
}
