import { fromJSON, type MessageTypeDefinition } from '@grpc/proto-loader'
import { LOADER_OPTIONS } from './definition'

/** What `grpc-status-details-bin` carries of an error beside its code and message: the parts of google.rpc that we use. */
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

/** Key of the trailer that carries them. */
export const STATUS_DETAILS_KEY = 'grpc-status-details-bin'

// https://github.com/googleapis/googleapis/blob/master/google/rpc/error_details.proto: only the fields that are used.
const definitions = fromJSON(
  {
    nested: {
      Any: { fields: { typeUrl: { type: 'string', id: 1 }, value: { type: 'bytes', id: 2 } } },
      Duration: { fields: { seconds: { type: 'int64', id: 1 }, nanos: { type: 'int32', id: 2 } } },
      Status: {
        fields: {
          code: { type: 'int32', id: 1 },
          message: { type: 'string', id: 2 },
          details: { rule: 'repeated', type: 'Any', id: 3 },
        },
      },
      ErrorInfo: {
        fields: {
          reason: { type: 'string', id: 1 },
          domain: { type: 'string', id: 2 },
          // A map is a repeated entry on the wire.
          metadata: { rule: 'repeated', type: 'Entry', id: 3 },
        },
        nested: {
          Entry: { fields: { key: { type: 'string', id: 1 }, value: { type: 'string', id: 2 } } },
        },
      },
      BadRequest: {
        fields: { fieldViolations: { rule: 'repeated', type: 'FieldViolation', id: 1 } },
        nested: {
          FieldViolation: {
            fields: { field: { type: 'string', id: 1 }, description: { type: 'string', id: 2 } },
          },
        },
      },
      QuotaFailure: {
        fields: { violations: { rule: 'repeated', type: 'Violation', id: 1 } },
        nested: {
          Violation: {
            fields: { subject: { type: 'string', id: 1 }, description: { type: 'string', id: 2 } },
          },
        },
      },
      PreconditionFailure: {
        fields: { violations: { rule: 'repeated', type: 'Violation', id: 1 } },
        nested: {
          Violation: {
            fields: {
              type: { type: 'string', id: 1 },
              subject: { type: 'string', id: 2 },
              description: { type: 'string', id: 3 },
            },
          },
        },
      },
      RetryInfo: { fields: { retryDelay: { type: 'Duration', id: 1 } } },
    },
  },
  LOADER_OPTIONS,
)

interface Any {
  typeUrl: string
  value: Buffer
}

const status = messageOf<{ code: number; message: string; details: Any[] }>('Status')
const errorInfo = messageOf<{
  reason: string
  domain: string
  metadata: { key: string; value: string }[]
}>('ErrorInfo')
const badRequest = messageOf<{ fieldViolations: ErrorDetails['fieldViolations'] }>('BadRequest')
const quotaFailure = messageOf<{ violations: ErrorDetails['quotaViolations'] }>('QuotaFailure')
const preconditionFailure = messageOf<{ violations: ErrorDetails['preconditionViolations'] }>(
  'PreconditionFailure',
)
const retryInfo = messageOf<{ retryDelay: { seconds: string; nanos: number } }>('RetryInfo')

const TYPE_URL = 'type.googleapis.com/google.rpc.'

/** The bytes of a google.rpc.Status. */
export function encodeErrorDetails(code: number, message: string, details: ErrorDetails): Buffer {
  const { reason, domain, retryAfterMs } = details
  const metadata = Object.entries(details.metadata).map(([key, value]) => ({ key, value }))
  const packed = [any('ErrorInfo', errorInfo.serialize({ reason, domain, metadata }))]
  if (details.fieldViolations !== undefined) {
    packed.push(any('BadRequest', badRequest.serialize({ fieldViolations: details.fieldViolations })))
  }
  if (details.quotaViolations !== undefined) {
    packed.push(any('QuotaFailure', quotaFailure.serialize({ violations: details.quotaViolations })))
  }
  if (details.preconditionViolations !== undefined) {
    const violations = details.preconditionViolations
    packed.push(any('PreconditionFailure', preconditionFailure.serialize({ violations })))
  }
  if (retryAfterMs !== undefined) {
    const retryDelay = {
      seconds: String(Math.floor(retryAfterMs / 1_000)),
      nanos: Math.round(retryAfterMs % 1_000) * 1_000_000,
    }
    packed.push(any('RetryInfo', retryInfo.serialize({ retryDelay })))
  }
  return status.serialize({ code, message, details: packed })
}

/** The reverse of {@link encodeErrorDetails}; undefined where there is no ErrorInfo. Details of other kinds are passed over. */
export function decodeErrorDetails(bytes: Buffer): ErrorDetails | undefined {
  const byName = new Map(
    status
      .deserialize(bytes)
      .details.map(({ typeUrl, value }) => [typeUrl.slice(typeUrl.lastIndexOf('.') + 1), value]),
  )
  const info = unpack(byName, 'ErrorInfo', errorInfo)
  if (info === undefined) return undefined
  const fieldViolations = unpack(byName, 'BadRequest', badRequest)?.fieldViolations
  const quotaViolations = unpack(byName, 'QuotaFailure', quotaFailure)?.violations
  const preconditionViolations = unpack(byName, 'PreconditionFailure', preconditionFailure)?.violations
  const delay = unpack(byName, 'RetryInfo', retryInfo)?.retryDelay
  return {
    reason: info.reason,
    domain: info.domain,
    metadata: Object.fromEntries(info.metadata.map(({ key, value }) => [key, value])),
    ...(fieldViolations !== undefined && { fieldViolations }),
    ...(quotaViolations !== undefined && { quotaViolations }),
    ...(preconditionViolations !== undefined && { preconditionViolations }),
    ...(delay !== undefined && { retryAfterMs: Number(delay.seconds) * 1_000 + delay.nanos / 1_000_000 }),
  }
}

function any(name: string, value: Buffer): Any {
  return { typeUrl: TYPE_URL + name, value }
}

function unpack<T>(
  byName: ReadonlyMap<string, Buffer>,
  name: string,
  message: MessageTypeDefinition<T, T>,
): T | undefined {
  const value = byName.get(name)
  return value && message.deserialize(value)
}

function messageOf<T>(name: string): MessageTypeDefinition<T, T> {
  return definitions[name] as unknown as MessageTypeDefinition<T, T>
}
