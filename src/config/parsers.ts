import { accessSync, constants } from 'node:fs'
import { z } from 'zod'
import { NANOUSD_PER_USD } from '../domain/money'
import type { TierRule } from '../domain/rating/conditions'
import type { ReportedCostRule } from '../domain/rating/reportedCost'

/*
 * Parsers of variables. Their messages continue a sentence that begins with the variable's name: `TOLLGATE_LANES must be …`.
 */

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

/** Comma-separated `provider/tier=as`: `as` is another tier, or a multiple of the ordinary price such as `0.5`. */
export function tierRules(): z.ZodType<TierRule[], string> {
  return list().transform((items, context) =>
    items.flatMap((item): TierRule[] => {
      const [, provider = '', tier = '', as = ''] =
        /^([^/=]+)\/([^/=]+)=([^/=]+)$/.exec(item.toLowerCase()) ?? []
      const multiple = /^\d+(\.\d{1,4})?$/.test(as) ? Math.round(Number(as) * 10_000) : undefined
      if (as === '' || (multiple !== undefined && (multiple < 1 || multiple > 1_000_000))) {
        context.addIssue(`must be provider/tier=tier or provider/tier=multiple, and has ${item}`)
        return []
      }
      return [{ provider, tier, as: multiple === undefined ? { tier: as } : { rateBasisPoints: multiple } }]
    }),
  )
}

/** Comma-separated `provider`, or `provider=basis points` with a markup of its own; `*` = any provider. */
export function reportedCostRules(): z.ZodType<ReportedCostRule[], string> {
  return list().transform((items, context) =>
    items.flatMap((item): ReportedCostRule[] => {
      const [, provider, markup] = /^([^=]+?)(?:=(\d{1,6}))?$/.exec(item.toLowerCase()) ?? []
      const markupBasisPoints = markup === undefined ? undefined : Number(markup)
      if (provider === undefined || (markupBasisPoints ?? 0) > 100_000) {
        context.addIssue(`must be provider or provider=basis points (0 to 100000), and has ${item}`)
        return []
      }
      return [{ provider, ...(markupBasisPoints !== undefined && { markupBasisPoints }) }]
    }),
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

/** `on` or `off`. */
export function onOff(): z.ZodType<boolean, string> {
  return oneOf(['on', 'off']).transform((value) => value === 'on')
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

/** From seconds to milliseconds. */
export function seconds(min: number, max: number): z.ZodType<number, string> {
  return duration('seconds', 1_000, { min, max })
}

/** From hours to milliseconds. */
export function hours(min: number, max: number): z.ZodType<number, string> {
  return duration('hours', 3_600_000, { min, max })
}

/** From days to milliseconds. */
export function days(min: number, max: number): z.ZodType<number, string> {
  return duration('days', 86_400_000, { min, max })
}

/** From dollars to nano-dollars, exactly. */
export function usd(max: number): z.ZodType<bigint, string> {
  return z.string().transform((value, context) => {
    const match = /^(\d+)(?:\.(\d{1,9}))?$/.exec(value)
    const nanousd = match && BigInt(`${match[1]}${(match[2] ?? '').padEnd(9, '0')}`)
    if (nanousd !== null && nanousd <= BigInt(max) * NANOUSD_PER_USD) return nanousd
    context.addIssue(`must be an amount of US dollars from 0 to ${max}, such as 12.50, and is ${value}`)
    return z.NEVER
  })
}

/** The message does not repeat the value: a URL may hold a password. */
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

function duration(
  unit: string,
  unitMs: number,
  { min, max }: { min: number; max: number },
): z.ZodType<number, string> {
  return numeric(DECIMAL, `from ${min} to ${max} ${unit}`, (value) => value >= min && value <= max).transform(
    (value) => Math.round(value * unitMs),
  )
}

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
