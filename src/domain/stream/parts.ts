import { BillingError, invalidField } from '../errors'
import { sumOfUsages, type Usage } from '../usage/usage'
import type { Progress } from './state'

/** What one process reports of a stream. Of one part, the highest sequence stands, whole. */
export interface StreamPart extends Progress {
  /** The reporting process chooses it. {@link CONNECTION_PART} is not a client's. */
  partId: string
}

/** What a connection had reported of the whole before the first part came. */
export const CONNECTION_PART = ''

/** One row each. A job of more lines reports many lines in one part. */
export const PARTS_MAX = 1_000

/** The reports among `parts` that say something new, the last of each part. */
export function newParts(stored: readonly StreamPart[], parts: readonly StreamPart[]): StreamPart[] {
  const latest = new Map(stored.map((part) => [part.partId, part]))
  const changed = new Map<string, StreamPart>()
  for (const part of parts) {
    if (part.sequence <= (latest.get(part.partId)?.sequence ?? 0n)) continue
    latest.set(part.partId, part)
    changed.set(part.partId, part)
  }
  if (latest.size > PARTS_MAX) throw invalidField('parts', `must be at most ${PARTS_MAX} of one stream`)
  return [...changed.values()]
}

/** `changed` in place of what is stored under the same ids. */
export function mergedParts(stored: readonly StreamPart[], changed: readonly StreamPart[]): StreamPart[] {
  const byId = new Map([...stored, ...changed].map((part) => [part.partId, part]))
  return [...byId.values()]
}

/** The usage of the whole stream. A part that doesn't state its requests is one. */
export function usageOfParts(parts: readonly StreamPart[]): Usage {
  return sumOfUsages(parts.map(({ usage }) => usage))
}

export function settledWithout(): BillingError {
  return new BillingError(
    'ALREADY_DECIDED',
    'the stream was settled without these parts; charge them under a key of their own',
  )
}
