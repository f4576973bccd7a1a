/**
 * By RFC 4180. A spreadsheet takes a text that begins with =, +, - or @ (wide ones too) for a formula and runs it; names are
 * given by others, so such a one gets an apostrophe before it. Control characters, which a terminal obeys, are no part of a
 * name. Amounts don't go through here.
 */
export function csvLine(cells: readonly string[]): string {
  return cells.map(cellOf).join(',')
}

function cellOf(text: string): string {
  const visible = text.replaceAll(/(?![\t\r\n])\p{Cc}/gu, '\ufffd')
  const harmless = /^[=+\-@＝＋－＠\t\r\n]/.test(visible) ? `'${visible}` : visible
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}
