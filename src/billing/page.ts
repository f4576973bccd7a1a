/** Which part of a list is asked for. */
export interface Page {
  pageSize: number
  /** Empty = the first page. */
  pageToken: string
}

/**
 * Splits off the one row that was read beyond the page, which only says that there is another; `tokenOf` names the page's
 * last row.
 */
export function pageOf<Row>(
  rows: readonly Row[],
  { pageSize }: Page,
  tokenOf: (last: Row) => string,
): { page: Row[]; nextPageToken: string } {
  const page = rows.slice(0, pageSize)
  const last = rows.length > pageSize ? page.at(-1) : undefined
  return { page, nextPageToken: last === undefined ? '' : tokenOf(last) }
}
