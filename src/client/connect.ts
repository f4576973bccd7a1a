import { type ChannelCredentials, Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js'
import type { MethodDefinition, ServiceDefinition } from '@grpc/proto-loader'
import { services } from '../wire/definition'
import type { BillingServiceDefinition } from '../wire/generated/tollgate/billing/v1/BillingService'
import type { PriceServiceDefinition } from '../wire/generated/tollgate/billing/v1/PriceService'
import type { ReconciliationServiceDefinition } from '../wire/generated/tollgate/billing/v1/ReconciliationService'
import type { UserServiceDefinition } from '../wire/generated/tollgate/billing/v1/UserService'
import { TollgateError } from './errors'
import { openStreamSettle, type StreamSettleConnection } from './streamSettle'

export interface ConnectSettings {
  /** `host:port` */
  address: string
  /** Sent as a bearer token with every call. */
  token?: string
  /** TLS; with the CA's certificates (PEM) instead of those that the system trusts, where they are given. */
  tls?: { ca?: Buffer }
  /** In place of `tls`: anything else that gRPC can do. Absent, both of them = plain text. */
  credentials?: ChannelCredentials
}

export interface CallSettings {
  /** How long to wait for the answer; what it was asked for may still happen. */
  timeoutMs?: number
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
  CallsOf<PriceServiceDefinition> &
  CallsOf<ReconciliationServiceDefinition>

/** A connection to tollgate. Calls reject with a {@link TollgateError}. */
export type TollgateClient = UnaryCalls & {
  streamSettle(): StreamSettleConnection
  /** Lets go of the connection; calls that run are cut. */
  close(): void
}

// Long enough for a commit behind a queue, short enough for a person who waits.
const TIMEOUT_MS_DEFAULT = 30_000

const OPTIONS = {
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 10_000,
  // A page of 1,000 receipts with all their labels.
  'grpc.max_receive_message_length': 16 * 1024 * 1024,
}

/** Connects at the first call, and again whenever the connection is lost. */
export function connectTollgate({ address, token, ...settings }: ConnectSettings): TollgateClient {
  const client = new Client(address, credentialsOf(settings), OPTIONS)
  const metadata = new Metadata()
  if (token !== undefined) metadata.set('authorization', `Bearer ${token}`)
  const methods = Object.values(services).flatMap((service) =>
    Object.entries(service as unknown as ServiceDefinition),
  )
  const calls = Object.fromEntries(
    methods
      .filter(([, { requestStream }]) => !requestStream)
      .map(([name, method]) => [uncapitalise(name), unaryCall(client, method, metadata)]),
  )
  return {
    ...(calls as unknown as UnaryCalls),
    streamSettle: () => openStreamSettle(client, metadata),
    close: () => client.close(),
  }
}

function credentialsOf({ credentials: given, tls }: Pick<ConnectSettings, 'credentials' | 'tls'>) {
  if (given !== undefined) return given
  return tls === undefined ? credentials.createInsecure() : credentials.createSsl(tls.ca ?? null)
}

function unaryCall(client: Client, method: MethodDefinition<object, object>, metadata: Metadata) {
  return (request: object, { timeoutMs = TIMEOUT_MS_DEFAULT }: CallSettings = {}): Promise<object> =>
    new Promise((resolve, reject) => {
      client.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        request,
        metadata,
        { deadline: Date.now() + timeoutMs },
        (error: ServiceError | null, response) => {
          if (response !== undefined) resolve(response)
          else reject(error === null ? new Error('neither an answer nor an error') : new TollgateError(error))
        },
      )
    })
}

function uncapitalise(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1)
}
