import { accessSync, constants } from 'node:fs'
import { z } from 'zod'
import { NANOUSD_PER_USD } from '../domain/money'

/** One environment variable. A schema's message goes on from its name: `TOLLGATE_LANES must be …`. */
export interface Variable<T> {
  /** One line for docs/configuration.md. */
  description: string
  /** What an unset variable means, as it would be set; empty = none. */
  fallback: string
  /** How that page puts the default where that isn't the fallback. */
  fallbackShown?: string
  parse: z.ZodType<T, string>
}

export function variable<T>(parse: z.ZodType<T, string>, fallback: string, description: string): Variable<T> {
  return { parse, fallback, description }
}

export function optional<T>(
  parse: z.ZodType<T, string>,
  description: string,
  fallbackShown = 'none',
): Variable<T | undefined> {
  const orUnset = z.string().transform((value, context): T | undefined => {
    if (value === '') return undefined
    const result = parse.safeParse(value)
    if (result.success) return result.data
    for (const { message } of result.error.issues) context.addIssue(message)
    return z.NEVER
  })
  return { parse: orUnset, fallback: '', fallbackShown, description }
}

export function text(): z.ZodType<string, string> {
  return z.string()
}

/** Comma-separated. */
export function list(): z.ZodType<string[], string> {
  return z.string().transform((value) =>
    value
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  )
}

export function oneOf<const T extends string>(choices: readonly T[]): z.ZodType<T, string> {
  return z.string().transform((value, context) => {
    const choice = choices.find((candidate) => candidate === value)
    if (choice !== undefined) return choice
    context.addIssue(`must be one of ${choices.join(', ')}, and is ${value}`)
    return z.NEVER
  })
}

export function port(): z.ZodType<number, string> {
  return whole(0, 65_535)
}

export function whole(min: number, max: number): z.ZodType<number, string> {
  return numeric(/^\d+$/, `a whole number from ${min} to ${max}`, (value) => value >= min && value <= max)
}

export function count(min: number, max: number): z.ZodType<bigint, string> {
  return whole(min, max).transform(BigInt)
}

/** Set in seconds, read in milliseconds. */
export function seconds(min: number, max: number): z.ZodType<number, string> {
  return numeric(DECIMAL, `from ${min} to ${max} seconds`, (value) => value >= min && value <= max).transform(
    (value) => Math.round(value * 1_000),
  )
}

/** Set in hours, read in milliseconds. */
export function hours(min: number, max: number): z.ZodType<number, string> {
  return numeric(DECIMAL, `from ${min} to ${max} hours`, (value) => value >= min && value <= max).transform(
    (value) => Math.round(value * 3_600_000),
  )
}

/** Set in days, read in milliseconds. */
export function days(min: number, max: number): z.ZodType<number, string> {
  return numeric(DECIMAL, `from ${min} to ${max} days`, (value) => value >= min && value <= max).transform(
    (value) => Math.round(value * 86_400_000),
  )
}

/** Set in dollars, read in nano-dollars, exactly. */
export function usd(max: number): z.ZodType<bigint, string> {
  return z.string().transform((value, context) => {
    const match = /^(\d+)(?:\.(\d{1,9}))?$/.exec(value)
    const nanousd = match && BigInt(`${match[1]}${(match[2] ?? '').padEnd(9, '0')}`)
    if (nanousd !== null && nanousd <= BigInt(max) * NANOUSD_PER_USD) return nanousd
    context.addIssue(`must be an amount of US dollars from 0 to ${max}, such as 12.50, and is ${value}`)
    return z.NEVER
  })
}

/** Not repeated in the message: a URL may carry a password. */
export function url(...protocols: string[]): z.ZodType<string, string> {
  const wanted = protocols.map((protocol) => `${protocol}//…`).join(' or ')
  return z
    .string()
    .refine(
      (value) => URL.canParse(value) && protocols.includes(new URL(value).protocol),
      `must be a URL: ${wanted}`,
    )
}

export function readableFile(): z.ZodType<string, string> {
  return z.string().transform((value, context) => {
    try {
      accessSync(value, constants.R_OK)
      return value
    } catch (error) {
      context.addIssue(`must be a file that can be read (${(error as Error).message})`)
      return z.NEVER
    }
  })
}

const DECIMAL = /^\d+(\.\d+)?$/

function numeric(
  pattern: RegExp,
  wanted: string,
  isAllowed: (value: number) => boolean,
): z.ZodType<number, string> {
  return z.string().transform((value, context) => {
    if (pattern.test(value) && isAllowed(Number(value))) return Number(value)
    context.addIssue(`must be ${wanted}, and is ${value}`)
    return z.NEVER
  })
}
