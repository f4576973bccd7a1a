// Writes tables between their markers: the variables in docs/configuration.md, and the chart's values in its README. With
// --check, fails if a table is out of date.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, install, root } from './prepare.mjs'

install()
build('src')
// Imported late, because it needs installed packages.
const { chartValues } = await import('./chartValues.mjs')

for (const [file, name, tableOf] of [
  ['docs/configuration.md', 'config', variables],
  ['helm/tollgate/README.md', 'values', chartValues],
]) {
  try {
    bringUpToDate(file, name, tableOf())
  } catch (error) {
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 1
  }
}

function variables() {
  return execFileSync(process.execPath, [join(root, 'dist', 'src', 'main.js'), 'config', '--markdown'], {
    encoding: 'utf8',
  })
}

function bringUpToDate(file, name, table) {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`]
  const path = join(root, file)
  const before = readFileSync(path, 'utf8')
  const [head, rest] = before.split(begin)
  const [, tail] = (rest ?? '').split(end)
  if (rest === undefined || tail === undefined) throw new Error(`${file} lacks ${begin} … ${end}`)
  const after = `${head}${begin}\n${table}${end}${tail}`
  if (after === before) return
  if (process.argv.includes('--check'))
    throw new Error(`the table between ${begin} and ${end} in ${file} is out of date; run \`npm run tables\``)
  writeFileSync(path, after)
}
