import { setTimeout as sleep } from 'node:timers/promises'
import { Server, ServerCredentials } from '@grpc/grpc-js'
import type { ServiceDefinition } from '@grpc/proto-loader'
import type { Billing } from '../../billing/billing'
import { metrics } from '../../observability/metrics'
import { SetupError } from '../../setupError'
import { type ServiceName, services } from '../../wire/definition'
import { describedHealthService, HEALTH_SERVICE } from '../../wire/healthDefinition'
import { admission, type Gate } from './admission'
import { OpenCalls } from './anonymousCallLimiter'
import { type Authorize, authorizer, type Token } from './auth'
import { logAsEverythingElse } from './grpcLog'
import { unaryHandlers } from './handlers'
import { Health } from './health'
import { answerUnknownMethods, withDetails } from './libraryErrors'
import { checkMetadataSize } from './metadataSize'
import { RateLimit } from './rateLimit'
import { addReflection } from './reflection'
import { letGo } from './resetAfterRefusal'
import { CallCount } from './runningCalls'
import { type MethodName, SCOPES_BY_METHOD } from './scopes'
import { type StreamSettleHandler, streamCall } from './streamCall'
import { type UnaryHandler, unary } from './unary'
import { tolerant } from './undecodable'

export interface RpcServerSettings {
  billing: Billing
  host: string
  /** 0 = any free one. */
  port: number
  /** Absent = plain text. */
  credentials?: ServerCredentials
  /** Those in force now. Absent = anybody may call: on loopback. */
  tokens?: () => readonly Token[]
  streamSettle: StreamSettleHandler
  connections?: Partial<ConnectionRules>
  limits?: Partial<CallLimits>
}

/** What is too much of a caller. */
export interface CallLimits {
  messageBytesMax: number
  metadataBytesMax: number
  /** At once, on one connection; HTTP/2 has the client wait with more. */
  connectionCallsMax: number
  /** Of one token, calls a second; undefined = any number. */
  tokenCallsPerSecondMax: number | undefined
}

export interface RpcServer {
  port: number
  /** Says NOT_SERVING, takes no new calls, and lets those that run end within the grace. */
  drain(graceMs: number): Promise<void>
}

/** How long connections live, and how soon one that is dead is known to be. */
export interface ConnectionRules {
  keepaliveTimeMs: number
  keepaliveTimeoutMs: number
  /** GOAWAY then, and its calls have the grace to end; give or take a tenth. */
  ageMaxMs: number
  ageGraceMs: number
}

const LIMITS: CallLimits = {
  messageBytesMax: 4 * 1024 * 1024,
  metadataBytesMax: 16 * 1024,
  connectionCallsMax: 10_000,
  tokenCallsPerSecondMax: undefined,
}

const CONNECTIONS: ConnectionRules = {
  // A peer that vanished without a word is noticed within 40 s, well within the validity of a stream.
  keepaliveTimeMs: 30_000,
  keepaliveTimeoutMs: 10_000,
  // So that connections spread anew over the replicas, with time for the calls that they carry.
  ageMaxMs: 30 * 60_000,
  ageGraceMs: 10 * 60_000,
}

function optionsOf(
  { keepaliveTimeMs, keepaliveTimeoutMs, ageMaxMs, ageGraceMs }: ConnectionRules,
  { messageBytesMax, connectionCallsMax }: CallLimits,
) {
  return {
    'grpc.max_receive_message_length': messageBytesMax,
    'grpc.max_concurrent_streams': connectionCallsMax,
    'grpc.keepalive_time_ms': keepaliveTimeMs,
    'grpc.keepalive_timeout_ms': keepaliveTimeoutMs,
    'grpc.max_connection_age_ms': ageMaxMs,
    'grpc.max_connection_age_grace_ms': ageGraceMs,
  }
}

/** For answers that are on their way to the socket. */
const LAST_ANSWERS_MS = 50

/** @throws SetupError where the address can't be had */
export async function startRpcServer(settings: RpcServerSettings): Promise<RpcServer> {
  logAsEverythingElse()
  const limits = { ...LIMITS, ...settings.limits }
  const gates = new Map<string, Gate>()
  const openCalls = new OpenCalls((metadata) => checkMetadataSize(metadata, limits.metadataBytesMax))
  const server = new Server({
    ...optionsOf({ ...CONNECTIONS, ...settings.connections }, limits),
    interceptors: [admission(gates, openCalls), withDetails, letGo],
  })
  answerUnknownMethods(server)
  const calls = new CallCount()
  const authorizeFor = authorizersOf(settings.tokens, limits)
  for (const name of Object.keys(services) as ServiceName[])
    addService(server, name, { ...settings, calls, authorizeFor, gates })
  const health = new Health(Object.keys(services))
  health.addToServer(server)
  addReflection(server, {
    contract: Object.keys(services),
    others: { [HEALTH_SERVICE]: describedHealthService() },
  })
  const port = await bind(server, settings)
  return {
    port,
    async drain(graceMs) {
      health.set('NOT_SERVING')
      await shutDown(server, calls, graceMs)
    },
  }
}

function addService(
  server: Server,
  serviceName: ServiceName,
  settings: RpcServerSettings & {
    calls: CallCount
    authorizeFor: (method: MethodName) => Authorize
    gates: Map<string, Gate>
  },
): void {
  const handlers: Record<string, UnaryHandler<never, object>> = unaryHandlers[serviceName]
  const definition = Object.fromEntries(
    Object.entries(services[serviceName] as unknown as ServiceDefinition).map(([name, method]) => [
      name,
      tolerant(method),
    ]),
  )
  const implementation = Object.fromEntries(
    Object.entries(definition).map(([name, { path, requestStream }]) => {
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
      return [name, unary(handler, { metrics: counted, billing: settings.billing, path })]
    }),
  )
  server.addService(definition, implementation)
}

/** One limit for a token, whichever methods it calls. */
function authorizersOf(
  tokens: RpcServerSettings['tokens'],
  { metadataBytesMax, tokenCallsPerSecondMax }: CallLimits,
): (method: MethodName) => Authorize {
  const rateLimit = tokenCallsPerSecondMax === undefined ? undefined : new RateLimit(tokenCallsPerSecondMax)
  return (method) => {
    const authorize = authorizer({ tokens, rateLimit }, SCOPES_BY_METHOD[method])
    return (metadata) => {
      checkMetadataSize(metadata, metadataBytesMax)
      authorize(metadata)
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
    ? 'that port is in use. End what uses it (another tollgate?), or set TOLLGATE_GRPC_PORT to another; 0 = any free one'
    : /EACCES/.test(problem)
      ? 'this account may not use that port. Set TOLLGATE_GRPC_PORT to one above 1023'
      : `${problem}. Check TOLLGATE_GRPC_HOST and TOLLGATE_GRPC_PORT`
  return new SetupError(`gRPC can't be served on ${address}: ${hint}`)
}

/** Connections that carry no call of ours (a health watch) are cut as soon as those that do have ended. */
async function shutDown(server: Server, calls: CallCount, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.tryShutdown(() => resolve())
  })
  const idle = calls.idle().then(() => sleep(LAST_ANSWERS_MS))
  await Promise.race([closed, idle, sleep(graceMs, undefined, { ref: false })])
  server.forceShutdown()
}
