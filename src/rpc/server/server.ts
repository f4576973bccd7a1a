import { setTimeout as sleep } from 'node:timers/promises'
import type { DescMethod } from '@bufbuild/protobuf'
import { Server, ServerCredentials } from '@grpc/grpc-js'
import type { ServiceDefinition } from '@grpc/proto-loader'
import type { Billing } from '../../billing/billing'
import { metrics } from '../../observability/metrics'
import { SetupError } from '../../setupError'
import { type ServiceName, services } from '../../wire/definition'
import { admission, type Gate } from './admission'
import { AnonymousCallLimiter } from './anonymousCallLimiter'
import { type Authorize, authorizer, limitCallsPerToken, type Token } from './auth'
import { boundedMemory, defaultBytesMax } from './boundedMemory'
import { Connections } from './connections'
import { routeGrpcLogs } from './grpcLog'
import { unaryHandlers } from './handlers'
import { Health } from './health'
import { answerUnknownMethods, withDetails } from './libraryErrors'
import { checkMetadataSize } from './metadataSize'
import { protoRegistry } from './protoRegistry'
import { quoteEncoder } from './quoteAnswers'
import { addReflection } from './reflection'
import { resetAfterRefusal } from './resetAfterRefusal'
import { RunningCalls } from './runningCalls'
import { type MethodName, SCOPES_BY_METHOD } from './scopes'
import { inTurn } from './shareOfReads'
import { longAnswerEncoder, passEncoded } from './slicedAnswers'
import { type StreamSettleHandler, streamCall } from './streamCall'
import { type UnaryHandler, unary } from './unary'
import { guardDecoding } from './undecodable'

export interface RpcServerSettings {
  billing: Billing
  host: string
  /** 0 = any free port. */
  port: number
  /** Absent = plain text. */
  credentials?: ServerCredentials
  /** The tokens in force now. Absent = anybody may call, on loopback. */
  tokens?: () => readonly Token[]
  streamSettle: StreamSettleHandler
  connections?: Partial<ConnectionRules>
  limits?: Partial<CallLimits>
}

/** Limits of what one caller may send. */
export interface CallLimits {
  messageBytesMax: number
  metadataBytesMax: number
  /** Calls at once on one connection. Further calls wait for their turn. */
  connectionCallsMax: number
  /** Connections that have not shown a token, and as many handshakes of TLS. One more ends the oldest. */
  strangersMax: number
  /** Connections that have shown a token. Calls on further ones are refused. */
  trustedMax: number
  /** Bytes of unfinished requests in the whole process, and as many of answers that are not read. */
  unfinishedBytesMax: number
  /** Calls a second of one token; undefined = no limit. */
  tokenCallsPerSecondMax: number | undefined
}

export interface RpcServer {
  port: number
  /** Reports NOT_SERVING, accepts no new calls, and gives running calls the grace to end. */
  drain(graceMs: number): Promise<void>
}

/** How long connections live, and how soon a dead one is noticed. */
export interface ConnectionRules {
  keepaliveTimeMs: number
  keepaliveTimeoutMs: number
  /** At this age a connection gets GOAWAY, and its calls have the grace to end. Varied by a tenth. */
  ageMaxMs: number
  ageGraceMs: number
}

const LIMITS: CallLimits = {
  messageBytesMax: 4 * 1024 * 1024,
  metadataBytesMax: 16 * 1024,
  connectionCallsMax: 10_000,
  strangersMax: 1_024,
  trustedMax: 4_096,
  unfinishedBytesMax: defaultBytesMax(),
  tokenCallsPerSecondMax: undefined,
}

const CONNECTIONS: ConnectionRules = {
  // A peer that vanished without a word is noticed within 40 s, well within a stream's validity of 120 s.
  keepaliveTimeMs: 30_000,
  keepaliveTimeoutMs: 10_000,
  // Connections spread over new replicas, and their calls have time to end.
  ageMaxMs: 30 * 60_000,
  ageGraceMs: 10 * 60_000,
}

function optionsOf(
  { keepaliveTimeMs, keepaliveTimeoutMs, ageMaxMs, ageGraceMs }: ConnectionRules,
  { messageBytesMax, streamsMax }: { messageBytesMax: number; streamsMax: number },
) {
  return {
    'grpc.max_receive_message_length': messageBytesMax,
    'grpc.max_concurrent_streams': streamsMax,
    'grpc.keepalive_time_ms': keepaliveTimeMs,
    'grpc.keepalive_timeout_ms': keepaliveTimeoutMs,
    'grpc.max_connection_age_ms': ageMaxMs,
    'grpc.max_connection_age_grace_ms': ageGraceMs,
  }
}

/** Time for the last answers to reach the socket. */
const LAST_ANSWERS_MS = 50

/** @throws SetupError where it can't listen on the address */
export async function startRpcServer(settings: RpcServerSettings): Promise<RpcServer> {
  routeGrpcLogs()
  const limits = { ...LIMITS, ...settings.limits }
  const gates = new Map<string, Gate>()
  const anonymousCalls = new AnonymousCallLimiter((metadata) =>
    checkMetadataSize(metadata, limits.metadataBytesMax),
  )
  const connections = new Connections({ ...limits, callsMax: limits.connectionCallsMax })
  const server = new Server({
    ...optionsOf(
      { ...CONNECTIONS, ...settings.connections },
      { messageBytesMax: limits.messageBytesMax, streamsMax: connections.initialStreamsMax },
    ),
    interceptors: [
      admission({ gates, anonymousCalls, connections }),
      boundedMemory(limits.unfinishedBytesMax),
      withDetails,
      resetAfterRefusal,
    ],
  })
  answerUnknownMethods(server)
  const calls = new RunningCalls()
  const authorizeFor = authorizersOf(settings.tokens, limits)
  for (const name of Object.keys(services) as ServiceName[])
    addService(server, name, { ...settings, calls, authorizeFor, gates })
  const health = new Health(Object.keys(services))
  health.addToServer(server)
  addReflection(server, [...Object.keys(services), 'grpc.health.v1.Health'])
  const port = await bind(server, settings)
  connections.watch(server)
  return {
    port,
    async drain(graceMs) {
      health.set('NOT_SERVING')
      await shutDown(server, calls, graceMs)
      connections.close()
    },
  }
}

function addService(
  server: Server,
  serviceName: ServiceName,
  settings: RpcServerSettings & {
    calls: RunningCalls
    authorizeFor: (method: MethodName) => Authorize
    gates: Map<string, Gate>
  },
): void {
  const handlers: Record<string, UnaryHandler<never, object>> = unaryHandlers[serviceName]
  const definition = Object.fromEntries(
    Object.entries(services[serviceName] as unknown as ServiceDefinition).map(([name, method]) => [
      name,
      passEncoded(guardDecoding(method, methodOf(serviceName, name).input)),
    ]),
  )
  const implementation = Object.fromEntries(
    Object.entries(definition).map(([name, method]) => {
      const { path, requestStream } = method
      const counted = settings.calls.counting(
        metrics.rpcMethod({
          type: requestStream ? 'bidi_stream' : 'unary',
          service: serviceName,
          method: name,
        }),
      )
      settings.gates.set(path, { authorize: settings.authorizeFor(name as MethodName), metrics: counted })
      if (requestStream) return [name, streamCall(settings.streamSettle, counted)]
      const handler = handlers[name]
      if (handler === undefined) throw new Error(`${path} has no handler`)
      const inShare: UnaryHandler<never, object> = (...args) =>
        inTurn(name as MethodName, () => handler(...args))
      const encode =
        name === 'PriceQuote' ? quoteEncoder(method) : longAnswerEncoder(method, methodOf(serviceName, name))
      return [name, unary(inShare, { metrics: counted, billing: settings.billing, path, encode })]
    }),
  )
  server.addService(definition, implementation)
}

function methodOf(serviceName: ServiceName, method: string): DescMethod {
  const found = protoRegistry.getService(serviceName)?.methods.find(({ name }) => name === method)
  if (found === undefined) throw new Error(`${serviceName} has no method ${method}`)
  return found
}

/** A token has one rate limit, whichever methods it calls. */
function authorizersOf(
  tokens: RpcServerSettings['tokens'],
  { metadataBytesMax, tokenCallsPerSecondMax }: CallLimits,
): (method: MethodName) => Authorize {
  const countCall =
    tokenCallsPerSecondMax === undefined ? undefined : limitCallsPerToken(tokenCallsPerSecondMax)
  return (method) => {
    const authorize = authorizer({ tokens, countCall }, SCOPES_BY_METHOD[method])
    return (metadata) => {
      checkMetadataSize(metadata, metadataBytesMax)
      return authorize(metadata)
    }
  }
}

function bind(
  server: Server,
  { host, port, credentials = ServerCredentials.createInsecure() }: RpcServerSettings,
): Promise<number> {
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, boundPort) => {
      if (error === null) resolve(boundPort)
      else reject(cantServe(address, error.message))
    })
  })
}

function cantServe(address: string, problem: string): SetupError {
  const hint = /EADDRINUSE/.test(problem)
    ? 'the port is in use. Stop what uses it (another tollgate?), or set TOLLGATE_GRPC_PORT to another port; 0 = any free one'
    : /EACCES/.test(problem)
      ? 'this account may not use the port. Set TOLLGATE_GRPC_PORT to one above 1023'
      : `${problem}. Check TOLLGATE_GRPC_HOST and TOLLGATE_GRPC_PORT`
  return new SetupError(`gRPC can't be served on ${address}: ${hint}`)
}

/** Once our calls have ended, connections that carry none of them (a health watch) are cut at once. */
async function shutDown(server: Server, calls: RunningCalls, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.tryShutdown(() => resolve())
  })
  const idle = calls.idle().then(() => sleep(LAST_ANSWERS_MS))
  await Promise.race([closed, idle, sleep(graceMs, undefined, { ref: false })])
  server.forceShutdown()
}
