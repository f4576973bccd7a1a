import { setTimeout as sleep } from 'node:timers/promises'
import { styleText } from 'node:util'

export type Tone = 'good' | 'bad' | 'quiet' | 'plain'

/** Shows the demo line by line, slowly enough to read. */
export interface Display {
  scene(title: string): Promise<void>
  line(who: string, what: string, tone?: Tone): Promise<void>
  /** A side note. */
  note(text: string): Promise<void>
  table(text: string): Promise<void>
}

const STYLES = { good: 'green', bad: 'red', quiet: 'gray', plain: 'reset' } as const
const WHO_WIDTH = 7

/** Colours only on a terminal that wants them. */
export function openDisplay({ quiet, paceMs }: { quiet: boolean; paceMs: number }): Display {
  const coloured = process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined
  const paint = (style: Parameters<typeof styleText>[0], text: string) =>
    coloured ? styleText(style, text) : text
  const print = async (text: string) => {
    if (quiet) return
    process.stdout.write(`${text}\n`)
    await sleep(paceMs)
  }
  return {
    scene: (title) => print(`\n${paint('bold', title)}`),
    line: (who, what, tone = 'plain') =>
      print(`  ${paint('cyan', who.padEnd(WHO_WIDTH))} ${paint(STYLES[tone], what)}`),
    note: (text) => print(paint('gray', text)),
    table: (text) => print(text),
  }
}
