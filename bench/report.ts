import Table from 'cli-table3'
import { type Machine, machineAsText } from './machine'
import type { Row } from './row'

/** The result of a run, as the JSON file has it. */
export interface Report {
  startedAt: string
  minutes: number
  machine: Machine
  programs: { pgbench: string; h2load: string }
  settings: { users: number; durationSeconds: number; rounds: number }
  rows: Row[]
}

const HEADINGS = ['', 'figure', 'floor', 'ratio', 'target', '']

export function asText(report: Report): string {
  const table = new Table({ head: HEADINGS, style: { head: [], border: [] }, wordWrap: true })
  for (const row of report.rows) {
    table.push([[row.what, ...row.notes.map((note) => `  ${note}`)].join('\n'), ...cellsOf(row)])
  }
  return `${headOf(report).join('\n')}\n${table.toString()}\n`
}

export function asMarkdown(report: Report): string {
  const rows = report.rows.map((row) =>
    [[row.what, ...row.notes.map((note) => `<br><small>${note}</small>`)].join(''), ...cellsOf(row)]
      .map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', '<br>'))
      .join(' | '),
  )
  return [
    '# Results of the last full run',
    '',
    `Written by \`npm run bench -- --markdown bench/RESULTS.md\`; [docs/performance.md](../docs/performance.md) says how to read it.`,
    '',
    ...headOf(report).map((line) => `- ${line}`),
    '',
    '| what | figure | floor | ratio | target | |',
    '|---|---|---|---|---|---|',
    ...rows.map((row) => `| ${row} |`),
    '',
  ].join('\n')
}

function headOf({ startedAt, minutes, machine, programs, settings }: Report): string[] {
  return [
    ...machineAsText(machine).split('\n'),
    `floors by ${programs.pgbench} and ${programs.h2load.replace('not found', 'no h2load')}`,
    `${settings.rounds} rounds of ${settings.durationSeconds} s after a warm-up, ${settings.users} users; ${startedAt}, ${minutes} minutes`,
  ]
}

function cellsOf({ value, floor, floorWhat, unit, ratio, target, verdict }: Row): string[] {
  return [
    shown(value, unit),
    `${floor === undefined ? 'n/a' : shown(floor, unit)}\n${floorWhat}`,
    ratio === undefined ? 'n/a' : ratio.toFixed(2),
    target === undefined ? '' : 'atLeast' in target ? `≥ ${target.atLeast}` : `≤ ${target.atMost}`,
    verdict,
  ]
}

function shown(value: number | undefined, unit: Row['unit']): string {
  if (value === undefined || Number.isNaN(value)) return 'n/a'
  const number = unit === 'ms' || unit === 'µs' ? value.toFixed(2) : Math.round(value).toLocaleString('en')
  return unit === '/s' ? `${number}/s` : `${number} ${unit}`
}
