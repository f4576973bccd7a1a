import type { Usage } from '../usage'

/** A provider's own usage as ours. `json`: the usage object, a body that contains it, or an array of bodies in arrival order. */
export function normaliseProviderUsage(
  _reported: { format: string; json: string },
  _fieldPrefix: string,
): Usage {
  throw new Error('not yet')
}
