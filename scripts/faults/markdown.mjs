import { readFileSync, writeFileSync } from 'node:fs'

const BEGIN = '<!-- figures of npm run test:faults: begin -->'
const END = '<!-- figures of npm run test:faults: end -->'
const COLUMNS = [
  ...['scenario', 'faults', 'operations', 'refunded', 'collected', 'deferred'],
  ...['undone', 'lost', 'twice', 'drift'],
]

/** Writes the figures between the marks of a page. Scenarios keep the order that they have on the page. */
export function writeMarkdown(path, figures) {
  const page = readFileSync(path, 'utf8')
  const begin = page.indexOf(BEGIN)
  const end = page.indexOf(END)
  if (begin < 0 || end < begin) throw new Error(`${path} lacks the marks ${BEGIN} and ${END}`)
  const before = [...page.slice(begin, end).matchAll(/^\| ([^|]+?) \|/gm)].map(([, name]) => name)
  const placeOf = ({ scenario }) => (before.includes(scenario) ? before.indexOf(scenario) : before.length)
  const rows = figures.scenarios.toSorted((a, b) => placeOf(a) - placeOf(b))
  const text = [BEGIN, introductionOf(figures), '', ...linesOf(rows), ...failuresOf(figures), END]
  writeFileSync(path, page.slice(0, begin) + text.join('\n') + page.slice(end + END.length))
}

function introductionOf({ machine, minutes, size }) {
  const what = size === 'full' ? 'The run' : 'A bounded run'
  return `${what} of ${machine}, in ${Math.round(minutes)} minutes:`
}

function linesOf(rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`
  return [
    line(COLUMNS),
    `|${COLUMNS.map(() => '---').join('|')}|`,
    ...rows.map((row) =>
      line([
        row.scenario,
        Object.entries(row.faults)
          .map(([name, times]) => `${count(times)} ${name}`)
          .join(', '),
        ...[row.operations, row.refunds, row.collected, row.deferred, row.undone].map(count),
        ...[row.lost, row.twice, Number(row.driftNanousd)].map(count),
      ]),
    ),
  ]
}

function failuresOf({ failed }) {
  return failed.length === 0 ? [] : ['', 'Failed:', '', ...failed.map((title) => `- ${title}`)]
}

function count(number) {
  return number.toLocaleString('en')
}
