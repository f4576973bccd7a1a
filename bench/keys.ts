import { randomBytes } from 'node:crypto'

const PREFIX = randomBytes(4).toString('hex')
let count = 0

export const KEY_LENGTH = 20

/** A key that nobody else uses, in this process or another. All are {@link KEY_LENGTH} characters long. */
export function nextKey(): string {
  return `${PREFIX}${String(count++).padStart(KEY_LENGTH - PREFIX.length, '0')}`
}
