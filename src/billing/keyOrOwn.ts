import { randomUUID } from 'node:crypto'
import { derivedKeyIdOf, keyIdOf } from '../domain/ledger/ids'
import type { KeyedRequest } from '../domain/ledger/keyRef'

/** The client's key; or, where it gave none, one that is used only once. */
export function keyOrOwn(
  { userId, idempotencyKey }: { userId: string; idempotencyKey: string },
  what: string,
): Pick<KeyedRequest, 'keyId' | 'idempotencyKey'> {
  if (idempotencyKey !== '') return { keyId: keyIdOf(userId, idempotencyKey), idempotencyKey }
  const ownKey = `${what}/${randomUUID()}`
  return { keyId: derivedKeyIdOf(userId, ownKey), idempotencyKey: ownKey }
}
