/**
 * An array in Postgres' text format; undefined is null. pg's own conversion looks for characters to escape in every
 * element, numbers and hashes included, which cost more than deciding the charge.
 */
export function arrayText(values: readonly unknown[]): string {
  return `{${values.map(elementText).join(',')}}`
}

function elementText(value: unknown): string {
  switch (typeof value) {
    case 'undefined':
      return 'NULL'
    case 'bigint':
    case 'number':
    case 'boolean':
      return String(value)
    case 'string':
      return quoted(value)
    default:
      if (Buffer.isBuffer(value)) return `"\\\\x${value.toString('hex')}"`
      if (value instanceof Date) return `"${value.toISOString()}"`
      throw new Error(`no array of Postgres holds a ${typeof value}`)
  }
}

function quoted(text: string): string {
  return /["\\]/.test(text) ? `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"` : `"${text}"`
}
