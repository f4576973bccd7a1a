import { randomBytes } from 'node:crypto'

const PREFIX = randomBytes(4).toString('hex')
let count = 0

export const KEY_LENGTH = 20

/** A key that is unique across processes, {@link KEY_LENGTH} characters long. */
export function nextKey(): string {
  return `${PREFIX}${String(count++).padStart(KEY_LENGTH - PREFIX.length, '0')}`
}
