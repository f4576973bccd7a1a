/**
 * Names one key of one user, and with it the charge, the hold and the deduction failure that the key stands for. `keyId` is
 * the id that `ids.ts` makes of the key.
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
