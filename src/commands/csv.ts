/** A spreadsheet runs a text that begins like this as a formula, also in full-width characters. */
const FORMULA = /^'*[=+\-@＝＋－＠\t\r\n]/

/**
 * One line of CSV by RFC 4180, without its line end. Names are given by others, so a text that a spreadsheet would run as a
 * formula gets an apostrophe in front. Control characters, which a terminal would obey, are replaced.
 */
export function csvLine(cells: readonly string[]): string {
  return cells.map(cellOf).join(',')
}

/** The text that {@link csvLine} was given for a cell, quotes already removed. */
export function textOfCell(cell: string): string {
  return cell.startsWith("'") && FORMULA.test(cell) ? cell.slice(1) : cell
}

function cellOf(text: string): string {
  const visible = text.replaceAll(/(?![\t\r\n])\p{Cc}/gu, '\ufffd')
  const harmless = FORMULA.test(visible) ? `'${visible}` : visible
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}
