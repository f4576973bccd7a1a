import { hash } from 'node:crypto'
import { type Usage, usageParts } from '../usage/usage'
import type { CallRequest } from './charge'

/** What a request says, as plain values. Unset fields are `undefined` or the empty value of their type. */
export type RequestFields = { [field: string]: FieldValue }
type FieldValue = string | bigint | boolean | number | Date | RequestFields | undefined

/**
 * SHA-256 over an RPC's name and the fields of its request. It distinguishes a retry from another
 * request under the same key. Unset and empty fields are left out, so that a field added later
 * changes no old hash; keys are sorted. Nothing that the service resolved (now, a price) may be
 * among the fields.
 */
export function requestHashOf(rpc: string, fields: RequestFields): Buffer {
  return hash('sha256', rpc + encodeFields(fields), 'buffer')
}

/**
 * A call's fields, for the hash of its request. Label values are marked with `=`, so that an empty
 * one isn't left out like an unset field.
 */
export function callFields(call: CallRequest): RequestFields {
  return {
    model: call.model,
    provider: call.provider,
    serviceTier: call.serviceTier,
    quoteId: call.quoteId,
    apiKeyId: call.apiKeyId,
    occurredAt: call.occurredAt,
    labels: Object.fromEntries(Object.entries(call.labels).map(([name, value]) => [name, `=${value}`])),
  }
}

/** A usage as request fields: zeros left out, but an explicit `requests` of 0 kept, since absent means 1. */
export function usageFields(usage: Usage): RequestFields {
  const fields: RequestFields = usageParts(usage)
  fields['inputTokens'] = usage.inputTokens
  fields['outputTokens'] = usage.outputTokens
  // Present even where empty: "nothing was used" is not "not said".
  fields['given'] = true
  return fields
}

function encodeFields(fields: RequestFields): string {
  let text = '{'
  for (const name of Object.keys(fields).sort()) {
    const value = encodeValue(fields[name])
    if (value !== '') text += `${name.length}:${name}${value}`
  }
  return `${text}}`
}

function encodeValue(value: FieldValue): string {
  if (value === undefined || value === '' || value === 0n || value === 0 || value === false) return ''
  if (value instanceof Date) return `@${value.getTime()};`
  if (typeof value === 'object') {
    const text = encodeFields(value)
    return text === '{}' ? '' : text
  }
  if (typeof value === 'string') return `"${Buffer.byteLength(value)}:${value}`
  return `${value};`
}
