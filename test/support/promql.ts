import type { parser as PromqlParser } from '@prometheus-io/lezer-promql' with { 'resolution-mode': 'import' }
import type { ExportedMetric } from './exportedMetrics'

// `require` works, although its types say otherwise.
const { parser } = require('@prometheus-io/lezer-promql') as { parser: typeof PromqlParser }

/** One selector of a query: `name{label="value"}`. */
export interface Selector {
  name: string
  matchers: { label: string; operator: string; value: string }[]
}

export interface Query {
  selectors: Selector[]
  /** Labels that it aggregates by or matches on. */
  groupings: string[]
}

/** Labels that Prometheus adds to every series. */
const TARGET_LABELS = ['namespace', 'job', 'instance']

/** @throws if it isn't PromQL */
export function parseQuery(text: string): Query {
  const query: Query = { selectors: [], groupings: [] }
  const cursor = parser.parse(text).cursor()
  do {
    const { node } = cursor
    const said = text.slice(cursor.from, cursor.to)
    if (node.type.isError) throw new Error(`not PromQL at ${cursor.from}: ${text}`)
    if (node.name === 'VectorSelector') {
      const name = node.getChild('Identifier')
      query.selectors.push({ name: name === null ? '' : text.slice(name.from, name.to), matchers: [] })
    }
    if (node.name === 'UnquotedLabelMatcher') {
      const [, label = '', operator = '', value = ''] = /^(\w+)\s*(=~|!~|!=|=)\s*"(.*)"$/.exec(said) ?? []
      query.selectors.at(-1)?.matchers.push({ label, operator, value })
    }
    if (node.name === 'LabelName' && node.parent?.name === 'GroupingLabels') query.groupings.push(said)
  } while (cursor.next())
  return query
}

/**
 * What is wrong with a query, given the metrics of a fresh server and the names (with labels) that rules record: an unknown
 * metric or label, or a value that no series has. Empty = nothing.
 */
export function problemsOf(
  query: Query,
  exported: ReadonlyMap<string, ExportedMetric>,
  recorded: ReadonlyMap<string, readonly string[]> = new Map(),
): string[] {
  const problems: string[] = []
  const known = new Set(TARGET_LABELS)
  const series = [...exported.values()].flatMap((metric) => metric.series)
  for (const { name, matchers } of query.selectors) {
    if (recorded.has(name)) {
      for (const label of recorded.get(name) ?? []) known.add(label)
      continue
    }
    const own = matchers.filter(({ label }) => !TARGET_LABELS.includes(label))
    const named = series.filter((each) => each.name === name)
    if (named.length === 0) problems.push(`there is no ${name}`)
    else if (!named.some(({ labels }) => own.every((matcher) => matches(matcher, labels))))
      problems.push(`no series of ${name} has ${own.map((each) => Object.values(each).join(' ')).join(', ')}`)
    for (const label of named.flatMap(({ labels }) => Object.keys(labels))) known.add(label)
  }
  if (query.selectors.length === 0) problems.push('it asks for nothing')
  for (const label of query.groupings) if (!known.has(label)) problems.push(`nothing in it has ${label}`)
  return problems
}

function matches(
  { label, operator, value }: Selector['matchers'][number],
  labels: Readonly<Record<string, string>>,
): boolean {
  const has = labels[label]
  if (has === undefined) return false
  const equal = operator.endsWith('~') ? new RegExp(`^(?:${value})$`).test(has) : has === value
  return equal !== operator.startsWith('!')
}
