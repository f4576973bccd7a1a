// Writes the table of variables between the markers of README.md; with --check, says whether it is there already.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, install, root } from './prepare.mjs'

const BEGIN = '<!-- config:begin -->'
const END = '<!-- config:end -->'

install()
build('src')
const path = join(root, 'README.md')
const before = readFileSync(path, 'utf8')
const [head, rest] = before.split(BEGIN)
const [, tail] = (rest ?? '').split(END)
if (rest === undefined || tail === undefined) fail(`README.md lacks ${BEGIN} … ${END}`)
const table = execFileSync(process.execPath, [join(root, 'dist', 'src', 'main.js'), 'config', '--markdown'], {
  encoding: 'utf8',
})
const after = `${head}${BEGIN}\n${table}${END}${tail}`
if (after !== before) {
  if (process.argv.includes('--check'))
    fail('the table of variables in README.md is out of date; run `npm run readme`')
  writeFileSync(path, after)
}

function fail(why) {
  process.stderr.write(`${why}\n`)
  process.exit(1)
}
