import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ExportedMetric, exportedPage, labelsOf, metricsOn } from '../support/exportedMetrics'

const root = join(__dirname, '../..')

interface DocumentedMetric {
  name: string
  type: string
  labels: string[]
  unit: string
  meaning: string
}

let exported: Map<string, ExportedMetric>
let documented: DocumentedMetric[]

beforeAll(async () => {
  exported = metricsOn(await exportedPage())
  documented = documentedMetrics(readFileSync(join(root, 'docs/metrics.md'), 'utf8'))
}, 60_000)

/** The rows of the page's tables whose first cell is a name. */
function documentedMetrics(text: string): DocumentedMetric[] {
  return [...text.matchAll(/^\| `(\w+)` \|(.*)\|$/gm)].map(([, name = '', row = '']) => {
    const [type = '', labels = '', unit = '', meaning = ''] = row.split('|').map((cell) => cell.trim())
    return { name, type, labels: labels === '' ? [] : labels.split(' ').map(unquoted).sort(), unit, meaning }
  })
}

function unquoted(cell: string): string {
  return cell.replaceAll('`', '')
}

/** Only Linux tells them. */
function isShownHere({ meaning }: DocumentedMetric): boolean {
  return process.platform === 'linux' || !meaning.includes('Linux only')
}

test('docs/metrics.md lists what a server exports, and nothing else', () => {
  const lines = documented.filter(isShownHere).map(({ name, type }) => `${name} ${type}`)
  expect(lines.sort()).toEqual([...exported.values()].map(({ name, type }) => `${name} ${type}`).sort())
})

test('each has the labels that the page says', () => {
  const known = [...exported.values()].filter(({ series }) => series.length > 0)
  const labelsByName = Object.fromEntries(known.map((metric) => [metric.name, labelsOf(metric)]))
  expect(known.length).toBeGreaterThan(60)
  expect(
    Object.fromEntries(
      documented.filter(({ name }) => name in labelsByName).map(({ name, labels }) => [name, labels]),
    ),
  ).toEqual(labelsByName)
})

test('each of ours has a series from the start', () => {
  const without = [...exported.values()].filter(({ series }) => series.length === 0).map(({ name }) => name)
  expect(without.filter((name) => !name.startsWith('nodejs_'))).toEqual([])
})

test.each([
  ['_timestamp_seconds', /^Unix time, seconds$/],
  ['_seconds', /seconds$/],
  ['_bytes', /^bytes$/],
  ['_nanousd', /^nano-USD$/],
])('a name that ends in %s has that unit', (suffix, unit) => {
  const named = documented.filter(({ name }) => name.replace(/_total$/, '').endsWith(suffix))
  expect(named.length).toBeGreaterThan(0)
  for (const each of named) expect(each).toMatchObject({ name: each.name, unit: expect.stringMatching(unit) })
})

test('nobody and nothing of a caller is a label', () => {
  const labels = [...exported.values()].flatMap(labelsOf)
  expect(labels.filter((label) => /user|key|request|quote|charge|hold|stream|token/.test(label))).toEqual([])
})
