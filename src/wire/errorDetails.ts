import type { MessageTypeDefinition } from '@grpc/proto-loader'
import { loadProtos } from './definition'
import type { BadRequest, BadRequest__Output } from './generated/google/rpc/BadRequest'
import type { ErrorInfo, ErrorInfo__Output } from './generated/google/rpc/ErrorInfo'
import type {
  PreconditionFailure,
  PreconditionFailure__Output,
} from './generated/google/rpc/PreconditionFailure'
import type { QuotaFailure, QuotaFailure__Output } from './generated/google/rpc/QuotaFailure'
import type { RetryInfo, RetryInfo__Output } from './generated/google/rpc/RetryInfo'
import type { Status, Status__Output } from './generated/google/rpc/Status'

/** What `grpc-status-details-bin` adds to an error: the parts of google.rpc that tollgate sends. */
export interface ErrorDetails {
  /** google.rpc.ErrorInfo */
  reason: string
  domain: string
  metadata: Record<string, string>
  /** google.rpc.BadRequest */
  fieldViolations?: { field: string; description: string }[]
  /** google.rpc.QuotaFailure */
  quotaViolations?: { subject: string; description: string }[]
  /** google.rpc.PreconditionFailure */
  preconditionViolations?: { type: string; subject: string; description: string }[]
  /** google.rpc.RetryInfo */
  retryAfterMs?: number
}

/** The trailer that carries the details. */
export const STATUS_DETAILS_KEY = 'grpc-status-details-bin'

const definitions = loadProtos('google/rpc/status.proto', 'google/rpc/error_details.proto')

const statusMessage = messageOf<Status, Status__Output>('Status')
const messages = {
  ErrorInfo: messageOf<ErrorInfo, ErrorInfo__Output>('ErrorInfo'),
  BadRequest: messageOf<BadRequest, BadRequest__Output>('BadRequest'),
  QuotaFailure: messageOf<QuotaFailure, QuotaFailure__Output>('QuotaFailure'),
  PreconditionFailure: messageOf<PreconditionFailure, PreconditionFailure__Output>('PreconditionFailure'),
  RetryInfo: messageOf<RetryInfo, RetryInfo__Output>('RetryInfo'),
}
type Messages = typeof messages
type Sent<Name extends keyof Messages> = Parameters<Messages[Name]['serialize']>[0]
type Received<Name extends keyof Messages> = ReturnType<Messages[Name]['deserialize']>

const TYPE_URL = 'type.googleapis.com/google.rpc.'

/** The bytes of a google.rpc.Status. */
export function encodeErrorDetails(code: number, message: string, details: ErrorDetails): Buffer {
  const { reason, domain, metadata, retryAfterMs } = details
  const packed = [pack('ErrorInfo', { reason, domain, metadata })]
  if (details.fieldViolations !== undefined) {
    packed.push(pack('BadRequest', { fieldViolations: details.fieldViolations }))
  }
  if (details.quotaViolations !== undefined) {
    packed.push(pack('QuotaFailure', { violations: details.quotaViolations }))
  }
  if (details.preconditionViolations !== undefined) {
    packed.push(pack('PreconditionFailure', { violations: details.preconditionViolations }))
  }
  if (retryAfterMs !== undefined) {
    const seconds = Math.floor(retryAfterMs / 1_000)
    const nanos = Math.round(retryAfterMs % 1_000) * 1_000_000
    packed.push(pack('RetryInfo', { retryDelay: { seconds, nanos } }))
  }
  return statusMessage.serialize({ code, message, details: packed })
}

/**
 * Reverses {@link encodeErrorDetails}. Undefined if there is no ErrorInfo; unknown kinds of details
 * are skipped.
 */
export function decodeErrorDetails(bytes: Buffer): ErrorDetails | undefined {
  const { details } = statusMessage.deserialize(bytes)
  const unpack = <Name extends keyof Messages>(name: Name): Received<Name> | undefined => {
    const found = details.find(({ type_url }) => type_url === TYPE_URL + name)
    return found && (messages[name].deserialize(found.value) as Received<Name>)
  }
  const info = unpack('ErrorInfo')
  if (info === undefined) return undefined
  const fieldViolations = unpack('BadRequest')?.fieldViolations
  const quotaViolations = unpack('QuotaFailure')?.violations
  const preconditionViolations = unpack('PreconditionFailure')?.violations
  const delay = unpack('RetryInfo')?.retryDelay
  return {
    reason: info.reason,
    domain: info.domain,
    metadata: info.metadata,
    ...(fieldViolations && {
      fieldViolations: fieldViolations.map(({ field, description }) => ({ field, description })),
    }),
    ...(quotaViolations && {
      quotaViolations: quotaViolations.map(({ subject, description }) => ({ subject, description })),
    }),
    ...(preconditionViolations && { preconditionViolations }),
    ...(delay && { retryAfterMs: Number(delay.seconds) * 1_000 + delay.nanos / 1_000_000 }),
  }
}

function pack<Name extends keyof Messages>(name: Name, message: Sent<Name>) {
  const { serialize } = messages[name] as MessageTypeDefinition<Sent<Name>, unknown>
  return { type_url: TYPE_URL + name, value: serialize(message as Sent<Name> & object) }
}

function messageOf<In, Out>(name: string): MessageTypeDefinition<In, Out> {
  return definitions[`google.rpc.${name}`] as unknown as MessageTypeDefinition<In, Out>
}
