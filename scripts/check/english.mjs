// Refuses phrases that read like a translation, and says what to write instead. The list has only phrases without a good use.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../prepare.mjs'

const PHRASES = [
  ['told of|tells? of|telling of', 'reported, reports'],
  ['hears? of|heard of|hearing of', 'learns, is unknown to'],
  ['whoever|whomever', 'the name of the reader, caller or process'],
  ['mend|mends|mended', 'fix, repair'],
  ['as against', 'compared with'],
  ['at the most', 'at most'],
  ['lets? go|letting go', 'releases, resets'],
  ['(?:be|is|are|was|were|been) away', 'unreachable'],
  ['owed by nobody|its like', 'the field’s term'],
  ['comes? to nothing|came to nothing', 'has no effect'],
  ['goes on|go on|went on|going on', 'continues'],
]
/** Not proto/, whose comments are in generated code, nor migrations/, which never change. */
const FOLDERS = ['.ci', 'bench', 'clients', 'compose', 'docs', 'examples', 'helm', 'scripts', 'src', 'test']
const SKIPPED = [
  'node_modules',
  '.venv',
  'build',
  'dist',
  'generated',
  'billingpb',
  'fixtures',
  'english.mjs',
]
const TEXT = /\.(ts|js|mjs|cjs|py|go|sh|sql|proto|md|yaml|yml|tpl|txt|toml)$|^run$|^Dockerfile$/

const files = [
  ...readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name),
  ...FOLDERS.flatMap((folder) => filesIn(folder)),
]
const banned = PHRASES.map(([phrase, better]) => ({
  pattern: new RegExp(`\\b(?:${phrase})\\b`, 'gi'),
  better,
}))
for (const file of files) {
  if (!TEXT.test(file.split('/').at(-1))) continue
  const text = readFileSync(join(root, file), 'utf8')
  for (const { pattern, better } of banned) {
    for (const match of text.matchAll(pattern)) {
      const line = text.slice(0, match.index).split('\n').length
      process.stdout.write(`${file}:${line}: "${match[0]}"; better: ${better}\n`)
      process.exitCode = 1
    }
  }
}

function filesIn(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (SKIPPED.includes(entry.name)) return []
    return entry.isDirectory() ? filesIn(path) : entry.isFile() ? [path] : []
  })
}
