import { InvalidArgumentError } from 'commander'
import { NANOUSD_PER_USD } from '../domain/money'

/*
 * Parsers of options. Commander prints their messages after the option's name, and the process exits with 2.
 */

/** Parses US dollars as a decimal, exactly, to the nano-dollar. */
export function usdOption(text: string): bigint {
  const match = /^\$?(\d{1,9})(?:\.(\d{1,9}))?$/.exec(text)
  if (match === null)
    throw new InvalidArgumentError('It must be US dollars, such as 3 or 0.0375, with nine decimals at most.')
  return BigInt(match[1] ?? '') * NANOUSD_PER_USD + BigInt((match[2] ?? '').padEnd(9, '0'))
}

/** As {@link usdOption}; a negative amount takes credits back. */
export function signedUsdOption(text: string): bigint {
  return text.startsWith('-') ? -usdOption(text.slice(1)) : usdOption(text)
}

/** Repeatable: `--label team=search --label env=prod`. */
export function labelOption(text: string, before: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf('=')
  if (at < 1) throw new InvalidArgumentError('It must be NAME=VALUE.')
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) }
}

/** Repeatable: `--unit image/hd=2 --unit audio_second=12.5`. The server checks the name. */
export function unitOption(text: string, before: Record<string, string> = {}): Record<string, string> {
  const [name = '', count = '', more] = text.split('=')
  if (name === '' || more !== undefined || !/^\d{1,13}(\.\d{1,6})?$/.test(count)) {
    throw new InvalidArgumentError('It must be NAME=COUNT, such as image/hd=2, with six decimals at most.')
  }
  if (Object.hasOwn(before, name)) throw new InvalidArgumentError(`It repeats ${name}.`)
  return { ...before, [name]: count }
}

/** Parses a number of tokens, as a string for the wire. */
export function countOption(text: string): string {
  if (!/^\d{1,13}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.')
  return text
}

export function wholeOption(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.')
  return Number(text)
}

/** Parses a time, for the wire. */
export function timeOption(text: string): { seconds: string; nanos: number } {
  const ms = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(ms)) throw new InvalidArgumentError('It must be a time, such as 2026-03-01T12:00:00Z.')
  const seconds = Math.floor(ms / 1_000)
  return { seconds: String(seconds), nanos: (ms - seconds * 1_000) * 1_000_000 }
}
