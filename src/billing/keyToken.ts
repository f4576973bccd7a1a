import { invalidField } from '../domain/errors'

/** A page token: the key of the page's last row. */
export function tokenOf(key: readonly string[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url')
}

/** The key in a token that {@link tokenOf} made of one of this length. @throws BillingError INVALID_FIELD */
export function keyOfToken(pageToken: string, length: number): string[] {
  try {
    const key: unknown = JSON.parse(Buffer.from(pageToken, 'base64url').toString())
    if (Array.isArray(key) && key.length === length && key.every(isText)) return key
  } catch {
    // Not JSON: refused below like anything else that isn't a token of ours.
  }
  throw invalidField('page_token', 'is not one that an earlier page gave')
}

/** NUL is in no text of Postgres. */
function isText(part: unknown): part is string {
  return typeof part === 'string' && !part.includes('\0')
}
