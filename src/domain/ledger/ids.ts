import { hash } from 'node:crypto'
import type { KeyRef } from './keyRef'

/**
 * One client key of one user always names the same call. Its id is the first 128 bits of SHA-256
 * over a namespace, the user and the key, in UUID form (Postgres compares 16 bytes). So the charge,
 * the hold and the failure of one key share one id under three prefixes, and a deferred receipt has
 * the id of the final one.
 */
export function keyIdOf(userId: string, idempotencyKey: string): string {
  return hashedId('client', userId, idempotencyKey)
}

/** Key of the nth posting derived from a hold (extensions, settlement): out of reach of any client key. */
export function derivedKeyIdOf(userId: string, derivedKey: string): string {
  return hashedId('derived', userId, derivedKey)
}

/** The key of a stream's refused close. It differs from the stream's own, under which its shortfall is kept. */
export function refusedCloseOf({ userId, keyId }: KeyRef): KeyRef {
  return { userId, keyId: derivedKeyIdOf(userId, `${publicIdOf('hd', keyId)}/refused`) }
}

/** The id of the calls that a budget counts together: their values may be too long for an index. */
export function groupIdOf(groupValues: readonly string[]): string {
  return groupValues.length === 0 ? NO_GROUP : hashedId('group', '', groupValues.join('\0'))
}

const NO_GROUP = '00000000-0000-0000-0000-000000000000'

function hashedId(namespace: string, userId: string, key: string): string {
  // Neither namespaces nor users' ids may contain NUL, so the three parts can't run into each other.
  const hex = hash('sha256', `${namespace}\0${userId}\0${key}`, 'hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`
}

export type IdPrefix = 'ch' | 'hd' | 'fl'

/** `ch_…`, `hd_…` or `fl_…` of a key's id: what the wire calls charge_id, hold_id and failure_id. */
export function publicIdOf(prefix: IdPrefix, keyId: string): string {
  return `${prefix}_${keyId.replaceAll('-', '')}`
}

/** The key's id inside a public id, or undefined if it isn't one. */
export function keyIdOfPublicId(prefix: IdPrefix, publicId: string): string | undefined {
  const match = /^(ch|hd|fl)_([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/.exec(
    publicId,
  )
  if (match === null || match[1] !== prefix) return undefined
  return match.slice(2).join('-')
}
