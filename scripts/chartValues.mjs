// The values of the chart as a table, from the comments in its values.yaml.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseDocument, stringify } from 'yaml'
import { root } from './prepare.mjs'

const chart = join(root, 'helm', 'tollgate')

/** @throws if a value has no comment above it */
export function chartValues() {
  const schema = JSON.parse(readFileSync(join(chart, 'values.schema.json'), 'utf8'))
  const rows = rowsOf(parseDocument(readFileSync(join(chart, 'values.yaml'), 'utf8')).contents, schema)
  const bare = rows.filter(({ comment }) => comment === undefined).map(({ name }) => name)
  if (bare.length > 0)
    throw new Error(`helm/tollgate/values.yaml: a comment is missing above ${bare.join(', ')}`)
  const lines = rows.map(
    ({ name, fallback, comment }) => `| \`${name}\` | ${fallback} | ${textOf(comment)} |`,
  )
  return ['| value | default | what it sets |', '|---|---|---|', ...lines, ''].join('\n')
}

/** A value whose parts the schema names has a row for each part; any other value has one row. */
function rowsOf(map, { properties }, parents = '') {
  return map.items.flatMap(({ key, value }, index) => {
    const name = `${parents}${key.value}`
    // The parser gives a comment above the first part to the whole map.
    const comment = key.commentBefore ?? (index === 0 ? map.commentBefore : undefined)
    const known = properties[key.value]
    if (known?.properties === undefined) return [{ name, comment, fallback: fallbackOf(value) }]
    return [{ name, comment, fallback: '' }, ...rowsOf(value, known, `${name}.`)]
  })
}

function fallbackOf(value) {
  return `\`${stringify(value.toJSON(), { collectionStyle: 'flow', lineWidth: 0 }).trim()}\``
}

function textOf(comment) {
  return comment
    .split('\n')
    .map((line) => line.trim())
    .join(' ')
    .replaceAll('|', '\\|')
}
