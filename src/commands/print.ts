import Table from 'cli-table3'
import { formatUsd } from '../domain/money'

type Cell = string | { content: string; hAlign?: 'left' | 'right' }

/** Prints a compact table for people. A column whose heading ends in `>` is right-aligned. */
export function printTable(head: readonly string[], rows: readonly (readonly Cell[])[]): void {
  const table = new Table({
    head: head.map((each) => each.replace(/>$/, '')),
    colAligns: head.map((each) => (each.endsWith('>') ? 'right' : 'left')),
    style: { compact: true, head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    chars: {
      ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
      ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
      ...{ left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ' },
    },
  })
  for (const row of rows) table.push(row.map((cell) => (typeof cell === 'string' ? printable(cell) : cell)))
  print(table.toString().replaceAll(/ +$/gm, ''))
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** The reader of the output has closed it. */
export function isUnread(): boolean {
  return process.stdout.errored !== null
}

/** A note for people, on stderr: not part of the command's output. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`)
}

/**
 * Prints a message in proto3's JSON form: int64 as text, times in RFC 3339, bytes in base64, absent fields left out. Beside
 * each amount (`amountNanousd: "1500000000"`) it prints the same in US dollars (`amountUsd: "1.50"`), exactly.
 */
export function printJson(message: unknown): void {
  print(asJson(message, 2))
}

/** Prints one item of a list on one line. */
export function printJsonLine(message: unknown): void {
  print(asJson(message))
}

/** JSON escapes only ASCII control characters; a terminal also obeys others. */
function asJson(message: unknown, indent?: number): string {
  return JSON.stringify(plain(message), null, indent).replaceAll(
    /(?!\n)[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    (text) => Array.from({ length: text.length }, (_, at) => escaped(text.charCodeAt(at))).join(''),
  )
}

function escaped(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`
}

/** Replaces control characters, which a terminal would obey: names are given by others. */
export function printable(text: string): string {
  return text.replaceAll(/\p{C}/gu, '\ufffd')
}

/** Prints the header only once the first page was read, so that a failure doesn't look like an empty file. */
export async function printCsvLines<Item>(
  head: string,
  items: AsyncIterable<Item>,
  lineOf: (item: Item) => string,
): Promise<void> {
  let isHeadDue = true
  for await (const item of items) {
    if (isHeadDue) print(head)
    isHeadDue = false
    print(lineOf(item))
  }
  if (isHeadDue) print(head)
}

export interface WireTime {
  seconds: string
  nanos: number
}

/** RFC 3339 in UTC, to the second. */
export function timeOf(time: WireTime | null): string {
  return time === null ? '' : isoOf(time).replace(/\.\d+Z$/, 'Z')
}

function isoOf({ seconds, nanos }: WireTime): string {
  return new Date(Number(seconds) * 1_000 + nanos / 1_000_000).toISOString()
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  if (isTime(value)) return isoOf(value)
  if (Buffer.isBuffer(value)) return value.toString('base64')
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, each]) => each !== null && each !== undefined)
      .flatMap(([key, each]) => [[key, plain(each)], ...dollarsOf(key, each)]),
  )
}

function dollarsOf(key: string, value: unknown): [string, string][] {
  if (!key.endsWith('Nanousd') || typeof value !== 'string' || !/^-?\d+$/.test(value)) return []
  return [[`${key.slice(0, -'Nanousd'.length)}Usd`, formatUsd(BigInt(value)).replace('$', '')]]
}

function isTime(value: object): value is WireTime {
  return Object.keys(value).length === 2 && 'seconds' in value && 'nanos' in value
}
