import {
  type ChannelCredentials,
  Client,
  connectivityState,
  credentials,
  Metadata,
  type ServiceError,
} from '@grpc/grpc-js'
import type { MethodDefinition, ServiceDefinition } from '@grpc/proto-loader'
import { services } from '../../../src/wire/definition'
import type { BillingServiceDefinition } from '../../../src/wire/generated/tollgate/billing/v1/BillingService'
import type { BudgetServiceDefinition } from '../../../src/wire/generated/tollgate/billing/v1/BudgetService'
import type { PriceServiceDefinition } from '../../../src/wire/generated/tollgate/billing/v1/PriceService'
import type { ReconciliationServiceDefinition } from '../../../src/wire/generated/tollgate/billing/v1/ReconciliationService'
import type { UserServiceDefinition } from '../../../src/wire/generated/tollgate/billing/v1/UserService'
import { ChargeBatcher, type ChargeCalls } from './chargeBatcher'
import { ClientClosedError, ClientOverloadedError, errorOfCall } from './errors'
import { RETRY_DEFAULTS, type RetrySettings, withRetries } from './retry'
import { identity, ownRequest, serialised } from './serialise'
import { openStreamSettle, type StreamSettleConnection } from './streamSettle'

export interface ConnectSettings {
  /** `host:port`, or anything else that gRPC resolves, such as `dns:///tollgate-pods:50051`. */
  address: string
  /** Sent as a bearer token with every call. */
  token?: string
  /** TLS; `ca` (PEM) replaces the CAs that the system trusts. */
  tls?: {
    ca?: Buffer
    /** For a server that requires client certificates. PEM. */
    client?: { certificate: Buffer; key: Buffer }
  }
  /** Any gRPC credentials, in place of `tls`. Neither = plain text. */
  credentials?: ChannelCredentials
  /**
   * Calls that name an idempotency key, or only read, are repeated on UNAVAILABLE, DEADLINE_EXCEEDED,
   * CONCURRENT_MODIFICATION and OVERLOADED, and when their connection breaks; never on a limit. `retriesMax: 0` turns it off.
   */
  retry?: RetrySettings
  /** Charges that arrive while others run are sent together. Default: true. */
  batching?: boolean
  /**
   * Calls that may wait for their answers at once, so that a server that hangs doesn't fill the memory. Further ones
   * reject with CLIENT_OVERLOADED. Default: 10,000.
   */
  pendingMax?: number
}

export interface CallSettings {
  /** How long to wait for the answer, including retries. After that the call may still take effect. Default: 30 s. */
  timeoutMs?: number
  /** How long one attempt of this call may take. Default: as the client's `retry` says. */
  attemptTimeoutMs?: number
}

/** Every unary method of a service, as a function of its request. int64 fields come back as decimal strings. */
type CallsOf<Service> = {
  [Name in keyof Service as string extends Name
    ? never
    : Uncapitalize<Exclude<Name & string, 'StreamSettle'>>]: Service[Name] extends MethodDefinition<
    infer Request,
    infer _Response,
    infer _Request,
    infer Response
  >
    ? (request: Request, settings?: CallSettings) => Promise<Response>
    : never
}

type UnaryCalls = CallsOf<BillingServiceDefinition> &
  CallsOf<UserServiceDefinition> &
  CallsOf<BudgetServiceDefinition> &
  CallsOf<PriceServiceDefinition> &
  CallsOf<ReconciliationServiceDefinition>

/** A connection to tollgate. Calls reject with a {@link TollgateError}. */
export type TollgateClient = UnaryCalls & {
  streamSettle(): StreamSettleConnection
  /** Starts and retries no more calls; calls in flight are still answered. */
  close(): void
}

// Long enough for a commit behind a queue, short enough for a person who waits.
const TIMEOUT_MS_DEFAULT = 30_000

const PENDING_MAX_DEFAULT = 10_000

const OPTIONS = {
  // A dead connection must be noticed while there is time for another attempt.
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 5_000,
  // A gateway's users wait for it.
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1_000,
  // When replicas are gone, the name may have new ones; by default gRPC resolves it again only after 30 s.
  'grpc.dns_min_time_between_resolutions_ms': 1_000,
  // A page of 1,000 receipts with all their labels.
  'grpc.max_receive_message_length': 16 * 1024 * 1024,
  // All addresses of a name, such as a headless service's, are used.
  'grpc.service_config': JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
}

/** Connects at the first call, and again whenever the connection is lost. */
export function connectTollgate({
  address,
  token,
  retry,
  batching = true,
  pendingMax = PENDING_MAX_DEFAULT,
  ...settings
}: ConnectSettings): TollgateClient {
  const client = new Client(checkedAddress(address), credentialsOf(settings), OPTIONS)
  const metadata = new Metadata()
  if (token !== undefined) metadata.set('authorization', `Bearer ${sendable(token)}`)
  const methods = Object.values(services)
    .flatMap((service) => Object.entries(service as unknown as ServiceDefinition))
    .filter(([, { requestStream }]) => !requestStream)
  const once = Object.fromEntries(
    methods.map(([name, method]) => [uncapitalise(name), unaryCall(client, method, metadata)]),
  )
  if (batching) once['chargeUsage'] = batchedCharges(once)
  const retries = { ...RETRY_DEFAULTS, ...retry }
  let pending = 0
  const calls = Object.fromEntries(
    Object.entries(once).map(([name, call]) => [
      name,
      async (given: object, { timeoutMs = TIMEOUT_MS_DEFAULT, attemptTimeoutMs }: CallSettings = {}) => {
        const request = ownRequest(given)
        if (pending >= pendingMax) throw new ClientOverloadedError(pendingMax)
        pending++
        try {
          if (!isRepeatable(name, request)) return await call(request, timeoutMs)
          return await withRetries((eachMs) => call(request, eachMs), timeoutMs, {
            ...retries,
            ...(attemptTimeoutMs !== undefined && { attemptTimeoutMs }),
          })
        } finally {
          pending--
        }
      },
    ]),
  )
  return {
    ...(calls as unknown as UnaryCalls),
    streamSettle: () => {
      if (isClosed(client)) throw new ClientClosedError()
      return openStreamSettle(client, metadata)
    },
    close: () => client.close(),
  }
}

/** gRPC would look a URL up as a name, and a client would take tollgate to be down for ever. */
function checkedAddress(address: string): string {
  if (address !== '' && !/^https?:|\s/i.test(address)) return address
  throw new TypeError('address must be host:port without http://, or a target of gRPC (dns:///name:port)')
}

/** gRPC refuses a token that it can't send (a line feed at its end is enough), and quotes it in its error. */
function sendable(token: string): string {
  if (/^[ -~]*$/.test(token)) return token
  throw new Error("the token can't be sent: there are characters in it that are not visible ASCII")
}

export function credentialsOf({ credentials: given, tls }: Pick<ConnectSettings, 'credentials' | 'tls'>) {
  if (given !== undefined) return given
  if (tls === undefined) return credentials.createInsecure()
  const { ca = null, client } = tls
  return credentials.createSsl(ca, client?.key ?? null, client?.certificate ?? null)
}

function isClosed(client: Client): boolean {
  return client.getChannel().getConnectivityState(false) === connectivityState.SHUTDOWN
}

type Call = (request: object, timeoutMs: number) => Promise<object>

function unaryCall(client: Client, method: MethodDefinition<object, object>, metadata: Metadata): Call {
  return (request, timeoutMs) =>
    new Promise((resolve, reject) => {
      if (isClosed(client)) throw new ClientClosedError()
      client.makeUnaryRequest(
        method.path,
        identity,
        method.responseDeserialize,
        serialised(method.requestSerialize, request),
        metadata,
        { deadline: Date.now() + timeoutMs },
        (error: ServiceError | null, response) => {
          if (response !== undefined) resolve(response)
          else reject(error === null ? new Error('neither an answer nor an error') : errorOfCall(error))
        },
      )
    })
}

function batchedCharges(calls: Readonly<Record<string, Call>>): Call {
  const batcher = new ChargeBatcher({
    one: calls['chargeUsage'] as ChargeCalls['one'],
    many: (requests, timeoutMs) =>
      (calls['batchChargeUsage'] as Call)({ requests }, timeoutMs) as ReturnType<ChargeCalls['many']>,
  })
  return (request, timeoutMs) => batcher.charge(request, timeoutMs)
}

/** Whether repeating the request has no further effect. */
function isRepeatable(name: string, request: object): boolean {
  return (
    /^(get|list|summarize|priceQuote|reconcile|batchChargeUsage|reportParts)/.test(name) ||
    ('idempotencyKey' in request && request.idempotencyKey !== '')
  )
}

function uncapitalise(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1)
}
