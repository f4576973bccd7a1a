import { styleText } from 'node:util'
import { version } from '../../version'
import { print, printable } from '../print'
import type { Finding, Verdict } from './finding'

export interface Examined {
  area: string
  findings: readonly Finding[]
}

const COLOURS = { ok: 'green', warning: 'yellow', failed: 'red' } as const
const VERDICT_WIDTH = 'warning'.length

/** Prints one line per finding, the advice below it, and a summary. */
export function showFindings(areas: readonly Examined[]): void {
  for (const { area, findings } of areas) {
    if (findings.length === 0) continue
    print(area)
    for (const finding of findings) {
      const [first = '', ...more] = finding.says.split('\n')
      print(`  ${coloured(finding.verdict)}  ${printable(first)}`)
      for (const line of more) print(`${INDENT}${printable(line)}`)
      if (finding.verdict !== 'ok') print(`${INDENT}→ ${printable(finding.advice)}`)
    }
  }
  const { ok, warnings, failed } = countsOf(areas)
  print(`\n${ok} ok, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}, ${failed} failed`)
}

const INDENT = ' '.repeat(2 + VERDICT_WIDTH + 2)

export function findingsAsJson(areas: readonly Examined[]): string {
  const findings = areas.flatMap(({ area, findings }) => findings.map((finding) => ({ area, ...finding })))
  return JSON.stringify({ version, ...countsOf(areas), findings }, null, 2)
}

export function countsOf(areas: readonly Examined[]): { ok: number; warnings: number; failed: number } {
  const count = (verdict: Verdict) =>
    areas.flatMap(({ findings }) => findings).filter((finding) => finding.verdict === verdict).length
  return { ok: count('ok'), warnings: count('warning'), failed: count('failed') }
}

/** Only on a terminal, and not if NO_COLOR is set. */
function coloured(verdict: Verdict): string {
  const padded = verdict.padEnd(VERDICT_WIDTH)
  const isWanted = process.stdout.isTTY && !process.env['NO_COLOR']
  return isWanted ? styleText(COLOURS[verdict], padded) : padded
}
