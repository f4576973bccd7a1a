/** A block of a page that is run. */
export interface PageBlock {
  /** Where it begins, from 1. */
  line: number
  text: string
  /** Programs that it can't be run without. */
  needs: string[]
  /** What it must print; undefined = whatever it prints is fine. */
  expected: string | undefined
}

/**
 * The blocks that begin with ```sh run. One with `needs=pg_dump,psql` can't be run where one of those is missing. A block
 * of ```text right after one is what it must print: … stands for anything within a line, and alone in a line for any lines.
 */
export function blocksOf(page: string): PageBlock[] {
  const fences = [...page.matchAll(/^```(\S*) ?(.*)\n([\s\S]*?)^```$/gm)]
  return fences.flatMap((fence, at) => {
    const [whole, language, info = '', text = ''] = fence
    if (language !== 'sh' || !/^run\b/.test(info)) return []
    const next = fences[at + 1]
    const between = page.slice(fence.index + whole.length, next?.index)
    return {
      line: page.slice(0, fence.index).split('\n').length,
      text,
      needs: /needs=(\S+)/.exec(info)?.[1]?.split(',') ?? [],
      expected: next?.[1] === 'text' && between.trim() === '' ? next[3] : undefined,
    }
  })
}

/** Whether what was printed is what the page shows. */
export function isAsShown(printed: string, expected: string): boolean {
  const pattern = expected
    .trim()
    .split('\n')
    .map((line) => (line.trim() === '…' ? '[\\s\\S]*?' : line.split('…').map(escaped).join('.*?')))
    .join('\n')
  return new RegExp(`^${pattern}$`).test(
    printed
      .trim()
      .split('\n')
      .map((line) => line.trimEnd())
      .join('\n'),
  )
}

function escaped(text: string): string {
  return text.trimEnd().replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}
