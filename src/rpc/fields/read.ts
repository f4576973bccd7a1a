import { invalidField } from '../../domain/errors'
import { type IdPrefix, keyIdOfPublicId } from '../../domain/ledger/ids'
import { BALANCE_NANOUSD_MAX, type Nanousd } from '../../domain/money'
import { COUNT_MAX } from '../../domain/usage/usage'
import { ID_CHARACTERS_MAX, VISIBLE } from '../../domain/visible'
import type { Timestamp__Output } from '../../wire/generated/google/protobuf/Timestamp'

/*
 * Readers of request fields. Each takes a message and the name of one field, and returns its value for the domain, or
 * throws INVALID_FIELD with the field's path in the contract's spelling. `at` is the path of the message itself:
 * `usage.`, `rate_cards[2].`. They are written by hand because ChargeUsage reads some forty fields, thousands of times
 * a second.
 */

/** Fields by name. The decoder gives int64 fields as decimal strings. */
export type Fields<Key extends string, Value = string> = Readonly<Record<Key, Value>>

/** A quote's id contains the pinned fields. */
const QUOTE_ID_CHARACTERS_MAX = 4_096
const TEXT_CHARACTERS_MAX = 1_000
const LABELS_MAX = 16
const LABEL_CHARACTERS_MAX = 64
const PAGE_SIZE_DEFAULT = 100
const PAGE_SIZE_MAX = 1_000

/** The path of a field, as the contract spells it. `generated/` has `cacheCreation_1hInputTokens` for `cache_creation_1h_input_tokens`. */
export function pathOf(key: string, at: string): string {
  return at + key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/** An id or a model: 1 to 128 visible characters. */
export function readId<Key extends string>(message: Fields<Key>, key: Key, at = ''): string {
  if (message[key] === '') throw invalidField(pathOf(key, at), 'must be set')
  return readOptionalId(message, key, at)
}

/** As {@link readId}, or empty. */
export function readOptionalId<Key extends string>(message: Fields<Key>, key: Key, at = ''): string {
  const id = message[key]
  if (!isVisibleAscii(id) && !VISIBLE.test(id)) {
    throw invalidField(pathOf(key, at), 'must consist of visible characters, without spaces')
  }
  if (id.length > ID_CHARACTERS_MAX && charactersOf(id) > ID_CHARACTERS_MAX) {
    throw invalidField(pathOf(key, at), `must have at most ${ID_CHARACTERS_MAX} characters`)
  }
  return id
}

export function readIdempotencyKey<Key extends string>(message: Fields<Key>, key: Key, at = ''): string {
  const idempotencyKey = message[key]
  if (idempotencyKey === '') throw invalidField(pathOf(key, at), 'must be set')
  if (idempotencyKey.length > ID_CHARACTERS_MAX || !isVisibleAscii(idempotencyKey)) {
    throw invalidField(pathOf(key, at), `must be 1 to ${ID_CHARACTERS_MAX} visible ASCII characters`)
  }
  return idempotencyKey
}

/** As {@link readIdempotencyKey}, or empty. */
export function readOptionalIdempotencyKey<Key extends string>(message: Fields<Key>, key: Key): string {
  return message[key] === '' ? '' : readIdempotencyKey(message, key)
}

export function readQuoteId<Key extends string>(message: Fields<Key>, key: Key, at = ''): string {
  const quoteId = message[key]
  if (quoteId.length > QUOTE_ID_CHARACTERS_MAX || !isVisibleAscii(quoteId)) {
    throw invalidField(pathOf(key, at), 'was not issued by PriceQuote')
  }
  return quoteId
}

/** The key's id inside `ch_…`, `hd_…` or `fl_…`. */
export function readPublicId<Key extends string>(
  message: Fields<Key>,
  key: Key,
  { prefix, at = '' }: { prefix: IdPrefix; at?: string },
): string {
  if (message[key] === '') throw invalidField(pathOf(key, at), 'must be set')
  const keyId = keyIdOfPublicId(prefix, message[key])
  if (keyId === undefined)
    throw invalidField(pathOf(key, at), `must be ${prefix}_ and 32 hexadecimal digits, as issued`)
  return keyId
}

/** Text for people: up to 1,000 characters, or empty. */
export function readText<Key extends string>(message: Fields<Key>, key: Key, at = ''): string {
  const text = message[key]
  refuseNul(text, pathOf(key, at))
  if (text.length > TEXT_CHARACTERS_MAX && charactersOf(text) > TEXT_CHARACTERS_MAX) {
    throw invalidField(pathOf(key, at), `must have at most ${TEXT_CHARACTERS_MAX} characters`)
  }
  return text
}

export interface MoneyRange {
  min?: Nanousd
  max?: Nanousd
}

/** Money, by default from zero to the largest balance. */
export function readNanousd<Key extends string>(
  message: Fields<Key>,
  key: Key,
  { min = 0n, max = BALANCE_NANOUSD_MAX, at = '' }: MoneyRange & { at?: string } = {},
): Nanousd {
  const amountNanousd = integerOf(message[key], pathOf(key, at))
  if (amountNanousd < min) {
    throw invalidField(pathOf(key, at), min === 0n ? 'must not be negative' : `must be at least ${min}`)
  }
  if (amountNanousd > max) throw invalidField(pathOf(key, at), `must be at most ${max} nano-USD`)
  return amountNanousd
}

/** A number of tokens or calls: 0 to 10^12. */
export function readCount<Key extends string>(message: Fields<Key>, key: Key, at = ''): bigint {
  // Most counts of most usages are zero.
  if (message[key] === '0') return 0n
  const text = message[key]
  // Making the path takes longer than reading the count, so it is made for a refusal only.
  const count = SMALL_COUNT.test(text) ? BigInt(text) : integerOf(text, pathOf(key, at))
  if (count < 0n) throw invalidField(pathOf(key, at), 'must not be negative')
  if (count > COUNT_MAX) throw invalidField(pathOf(key, at), `must be at most ${COUNT_MAX}`)
  return count
}

const SECONDS_MIN = Date.parse('0001-01-01T00:00:00Z') / 1_000
const SECONDS_MAX = Date.parse('9999-12-31T23:59:59Z') / 1_000

/** An instant, to the millisecond; undefined where it is absent. */
export function readTimestamp<Key extends string>(
  message: Fields<Key, Timestamp__Output | null>,
  key: Key,
  at = '',
): Date | undefined {
  const timestamp = message[key]
  if (timestamp === null) return undefined
  const seconds = Number(timestamp.seconds)
  const { nanos } = timestamp
  if (!(seconds >= SECONDS_MIN && seconds <= SECONDS_MAX && nanos >= 0 && nanos <= 999_999_999)) {
    throw invalidField(pathOf(key, at), 'must be a time between the years 1 and 9999')
  }
  return new Date(seconds * 1_000 + Math.floor(nanos / 1_000_000))
}

/** At most 16 pairs, 64 characters each side. */
export function readLabels<Key extends string>(
  message: Fields<Key, Readonly<Record<string, string>>>,
  key: Key,
  at = '',
): Readonly<Record<string, string>> {
  const labels = message[key]
  let count = 0
  for (const name in labels) {
    const path = pathOf(key, at)
    const value = labels[name] ?? ''
    count += 1
    if (count > LABELS_MAX) throw invalidField(path, `must be at most ${LABELS_MAX} pairs`)
    if (name === '') throw invalidField(path, 'must not have an empty name')
    refuseNul(name, path)
    refuseNul(value, path)
    if (charactersOf(name) > LABEL_CHARACTERS_MAX || charactersOf(value) > LABEL_CHARACTERS_MAX) {
      throw invalidField(path, `must have at most ${LABEL_CHARACTERS_MAX} characters on each side`)
    }
  }
  return labels
}

/** The name of a label: 1 to 64 characters. */
export function readLabelName<Key extends string>(message: Fields<Key>, key: Key, at = ''): string {
  const name = message[key]
  const path = pathOf(key, at)
  if (name === '') throw invalidField(path, 'must be set')
  refuseNul(name, path)
  if (charactersOf(name) > LABEL_CHARACTERS_MAX)
    throw invalidField(path, `must have at most ${LABEL_CHARACTERS_MAX} characters`)
  return name
}

/** The page of a list: 1 to 1,000 rows, by default 100. The list that issued the token checks it. */
export function readPage(message: { pageSize: number; pageToken: string }): {
  pageSize: number
  pageToken: string
} {
  const { pageSize, pageToken } = message
  if (pageSize < 0 || pageSize > PAGE_SIZE_MAX) {
    throw invalidField('page_size', `must be from 1 to ${PAGE_SIZE_MAX}, or 0 for ${PAGE_SIZE_DEFAULT}`)
  }
  return { pageSize: pageSize === 0 ? PAGE_SIZE_DEFAULT : pageSize, pageToken }
}

function isVisibleAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code < 0x21 || code > 0x7e) return false
  }
  return true
}

/** Counts code points, which is close to what a person counts. */
function charactersOf(text: string): number {
  let count = 0
  for (const _ of text) count += 1
  return count
}

function refuseNul(text: string, path: string): void {
  if (text.includes('\0')) throw invalidField(path, 'must not contain the character NUL')
}

const SMALL_COUNT = /^\d{1,12}$/
const INTEGER = /^-?\d{1,19}$/

function integerOf(text: string, path: string): bigint {
  if (!INTEGER.test(text)) throw invalidField(path, 'must be a 64-bit integer')
  return BigInt(text)
}
