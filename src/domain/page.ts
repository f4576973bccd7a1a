import { invalidField } from './errors'

/** Which part of a list is asked for. */
export interface Page {
  pageSize: number
  /** Empty = the first page. */
  pageToken: string
}

/**
 * Splits off the row that was read beyond the page: it only shows that there is another page. `tokenOf` names the page's
 * last row.
 */
export function pageOf<Row>(
  rows: readonly Row[],
  { pageSize }: Page,
  tokenOf: (last: Row) => string,
): { page: Row[]; nextPageToken: string } {
  const page = rows.slice(0, pageSize)
  const last = rows.length > pageSize ? page.at(-1) : undefined
  return { page, nextPageToken: last === undefined ? '' : tokenOf(last) }
}

/** Where the next page starts: the key of this page's last row, encoded so that clients don't make tokens of their own. */
export function pageTokenOf(key: readonly string[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url')
}

/** @throws BillingError INVALID_FIELD where the token isn't that of a list with such a key. */
export function keyOfPageToken(pageToken: string, matches: readonly RegExp[]): string[] {
  const key = parsed(pageToken)
  const fits =
    Array.isArray(key) &&
    key.length === matches.length &&
    key.every((part, index) => typeof part === 'string' && matches[index]?.test(part))
  if (!fits) throw invalidField('page_token', 'is not one that an earlier page of this list gave')
  return key as string[]
}

/** For parts that are ids: anything but NUL, which no text in Postgres can hold. */
export const ANY_TEXT = /^[^\0]*$/
/** For parts that are ids of keys. */
export const KEY_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
/** For parts that are instants, in milliseconds since 1970. */
export const INSTANT_MS = /^\d{1,14}$/

function parsed(pageToken: string): unknown {
  try {
    return JSON.parse(Buffer.from(pageToken, 'base64url').toString())
  } catch {
    return undefined
  }
}
