/** A block of a page that a test runs. */
export interface PageBlock {
  /** Its first line, from 1. */
  line: number
  text: string
  /** Programs that it needs. */
  needs: string[]
  /** The output that it must print; undefined = any. */
  expected: string | undefined
}

/**
 * The blocks that start with ```sh run. One with `needs=pg_dump,psql` is skipped where one of those is missing. A ```text
 * block right after it is the output that it must print: … matches anything within a line, and alone in a line any lines.
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

/** Whether the output is what the page shows. */
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
