/**
 * Names one key of one user, and so the charge, the hold and the deduction failure under that key.
 * `keyId` is the id that `ids.ts` derives from the key.
 */
export interface KeyRef {
  userId: string
  keyId: string
}

/** As text, for the keys of maps. A key id always has 36 characters, so no two references share a text. */
export function keyRefText({ userId, keyId }: KeyRef): string {
  return `${keyId}${userId}`
}

/** The order in which every statement locks holds, so that no two of them wait for each other in a circle. */
export function compareKeyRefs(a: KeyRef, b: KeyRef): number {
  if (a.userId !== b.userId) return a.userId < b.userId ? -1 : 1
  return a.keyId < b.keyId ? -1 : a.keyId > b.keyId ? 1 : 0
}

/** A key and its request. Another request under the same key is refused. */
export interface KeyedRequest extends KeyRef {
  /** The client's own key, or the text that a derived key was made of (`<hold_id>/<n>`). */
  idempotencyKey: string
  /** SHA-256 over what was asked. */
  requestHash: Buffer
}

/** The key and its request, out of anything that has them. */
export function keyedRequestOf({ userId, keyId, idempotencyKey, requestHash }: KeyedRequest): KeyedRequest {
  return { userId, keyId, idempotencyKey, requestHash }
}
