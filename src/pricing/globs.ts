/** Whether a model matches any of the patterns. `*` matches anything; a pattern without `*` matches a part of the name. */
export function matchesPart(model: string, patterns: readonly string[]): boolean {
  const name = model.toLowerCase()
  return patterns.some((pattern) =>
    pattern.includes('*') ? globOf(pattern).test(name) : name.includes(pattern.toLowerCase()),
  )
}

/** As a glob matches: the whole name. */
export function matchesWhole(model: string, globs: readonly string[]): boolean {
  const name = model.toLowerCase()
  return globs.some((glob) => globOf(glob).test(name))
}

function globOf(glob: string): RegExp {
  const escaped = glob
    .toLowerCase()
    .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
  return new RegExp(`^${escaped}$`)
}
