/** All pages of a list, by their tokens. */
export async function everyPage<Page extends { nextPageToken: string }>(
  read: (pageToken: string) => Promise<Page>,
): Promise<Page[]> {
  const pages = [await read('')]
  for (let token = pages[0]?.nextPageToken; token !== ''; token = pages.at(-1)?.nextPageToken) {
    pages.push(await read(token ?? ''))
  }
  return pages
}
