/** Whether a pattern fits the model. With a `*` it must match the whole name; without one it may be any part of it. */
export function matchesPart(model: string, patterns: readonly string[]): boolean {
  const name = model.toLowerCase()
  return patterns.some((pattern) =>
    pattern.includes('*') ? matches(name, pattern.toLowerCase()) : name.includes(pattern.toLowerCase()),
  )
}

/** Whether a glob matches the model's whole name. */
export function matchesWhole(model: string, globs: readonly string[]): boolean {
  const name = model.toLowerCase()
  return globs.some((glob) => matches(name, glob.toLowerCase()))
}

/**
 * Each `*` matches any text, also none. Takes each part at its first occurrence, which is enough: a regular expression
 * would try all of them, and take seconds for a name of 128 characters and a glob with ten `*`.
 */
function matches(name: string, glob: string): boolean {
  const [first = '', ...others] = glob.split('*')
  const last = others.pop()
  if (last === undefined) return name === glob
  if (!name.startsWith(first)) return false
  let at = first.length
  for (const part of others) {
    const found = name.indexOf(part, at)
    if (found === -1) return false
    at = found + part.length
  }
  return name.length - last.length >= at && name.endsWith(last)
}
