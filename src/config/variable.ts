import { z } from 'zod'

/** One environment variable. */
export interface Variable<T> {
  name: string
  /** One line for docs/configuration.md. */
  description: string
  /** What an unset variable means, spelled as one would set it; empty = none. */
  fallback: string
  /** The default as that page shows it, where it is not the fallback. */
  fallbackShown?: string
  parse: z.ZodType<T, string>
}

/** Variables in groups, as the configuration nests them. */
export interface Group {
  readonly [key: string]: Variable<unknown> | Group
}

/** The parsed values of a group. */
export type ValuesOf<G> = {
  [Key in keyof G]: G[Key] extends Variable<infer T> ? T : ValuesOf<G[Key]>
}

export function variable<T>(
  name: string,
  parse: z.ZodType<T, string>,
  ...[fallback, description]: [fallback: string, description: string]
): Variable<T> {
  return { name, parse, fallback, description }
}

/** A variable that may be unset. */
export function optional<T>(
  name: string,
  parse: z.ZodType<T, string>,
  ...[description, fallbackShown = 'none']: [description: string, fallbackShown?: string]
): Variable<T | undefined> {
  const orUnset = z.string().transform((value, context): T | undefined => {
    if (value === '') return undefined
    const result = parse.safeParse(value)
    if (result.success) return result.data
    for (const { message } of result.error.issues) context.addIssue(message)
    return z.NEVER
  })
  return { name, parse: orUnset, fallback: '', fallbackShown, description }
}

/** All variables of a group, in order. */
export function variablesIn(group: Group): Variable<unknown>[] {
  return Object.values(group).flatMap((each) => (isVariable(each) ? [each] : variablesIn(each)))
}

/** The group with the result of `read` in place of each variable. */
export function mapVariables<G extends Group>(
  group: G,
  read: (variable: Variable<unknown>) => unknown,
): ValuesOf<G> {
  const entries = Object.entries(group).map(([key, each]) => [
    key,
    isVariable(each) ? read(each) : mapVariables(each, read),
  ])
  return Object.fromEntries(entries) as ValuesOf<G>
}

function isVariable(each: Variable<unknown> | Group): each is Variable<unknown> {
  return 'parse' in each
}
