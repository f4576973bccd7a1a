import { createHash } from 'node:crypto'
import type { Timestamp } from '../../../../src/wire/generated/google/protobuf/Timestamp'
import type { ChargeUsageRequest } from '../../../../src/wire/generated/tollgate/billing/v1/ChargeUsageRequest'
import type { StreamClose } from '../../../../src/wire/generated/tollgate/billing/v1/StreamClose'
import type { StreamOpen } from '../../../../src/wire/generated/tollgate/billing/v1/StreamOpen'

/** A finished call that may not be charged yet. */
export interface StoredCharge {
  charge: ChargeUsageRequest
}

/** The end of a stream that tollgate may not know yet. */
export interface StoredEnd {
  open: StreamOpen
  close: StreamClose
  /** Seconds since 1970. */
  endedAt: number
}

/** One file of the store; clients/STORE.md is its specification. */
export type StoredEntry = StoredCharge | StoredEnd

/** Whose call it is: streams and charges have their keys in one space. */
export type Owner = Pick<StreamOpen, 'userId' | 'idempotencyKey'>

export function ownerOf(entry: StoredEntry): Owner {
  return 'charge' in entry ? entry.charge : entry.open
}

/** The name of the file. */
export function nameOf({ userId = '', idempotencyKey = '' }: Owner): string {
  return `${createHash('sha256').update(`${userId}\n${idempotencyKey}`).digest('hex')}.json`
}

const VERSION = 1

/** Written by a later release: to be left for it. */
export class UnknownVersionError extends Error {}

export function encodeEntry(entry: StoredEntry): string {
  const { occurredAt } = 'charge' in entry ? entry.charge : {}
  const stored =
    'charge' in entry
      ? { charge: { ...entry.charge, ...(occurredAt && { occurredAt: rfc3339Of(occurredAt) }) } }
      : entry
  return JSON.stringify({ version: VERSION, ...stored }, (_name, value) =>
    isLong(value) ? String(value) : value,
  )
}

/** @throws SyntaxError if it is not an entry; UnknownVersionError */
export function decodeEntry(text: string): StoredEntry {
  const stored = JSON.parse(text)
  if (!isObject(stored)) throw notAnEntry()
  const { version, charge, open, close, endedAt } = stored
  if (typeof version === 'number' && version > VERSION) {
    throw new UnknownVersionError(`version ${version} of the store's format`)
  }
  if (isObject(charge)) {
    const { occurredAt } = charge
    return {
      charge: { ...charge, ...(typeof occurredAt === 'string' && { occurredAt: timestampOf(occurredAt) }) },
    }
  }
  if (!isObject(open) || !isObject(close) || typeof endedAt !== 'number') throw notAnEntry()
  return { open, close, endedAt }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function notAnEntry(): SyntaxError {
  return new SyntaxError('neither the end of a stream nor a charge')
}

function rfc3339Of({ seconds = 0, nanos = 0 }: Timestamp): string {
  const whole = new Date(Number(seconds) * 1_000).toISOString().slice(0, 'yyyy-mm-ddThh:mm:ss'.length)
  return nanos === 0 ? `${whole}Z` : `${whole}.${String(nanos).padStart(9, '0')}Z`
}

function timestampOf(text: string): Timestamp {
  const [, whole = '', fraction = '', zone = ''] =
    /^([^.Zz+]*?)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)$/.exec(text) ?? []
  const ms = Date.parse(`${whole}${zone.toUpperCase()}`)
  if (Number.isNaN(ms)) throw new SyntaxError(`not a timestamp: ${text}`)
  return { seconds: ms / 1_000, nanos: Number(fraction.padEnd(9, '0')) }
}

/** protobuf.js's 64-bit integers, which have methods but no JSON form. */
function isLong(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && 'low' in value && 'high' in value && 'unsigned' in value
  )
}
