/**
 * By RFC 4180. A spreadsheet takes a text that begins with =, +, - or @ for a formula and runs it; names are given by
 * others, so such a one gets an apostrophe before it. Amounts don't go through here.
 */
export function csvLine(cells: readonly string[]): string {
  return cells.map(cellOf).join(',')
}

function cellOf(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}
