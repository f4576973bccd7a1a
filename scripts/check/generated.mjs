// Checks that src/wire is what `npm run generate` makes of proto/.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generate } from '../generate.mjs'
import { root } from '../prepare.mjs'

const fresh = mkdtempSync(join(tmpdir(), 'tollgate-generated-'))
try {
  generate(fresh)
  const wanted = contentsOf(fresh)
  const present = contentsOf(join(root, 'src', 'wire'))
  const stale = [...new Set([...wanted.keys(), ...present.keys()])].filter(
    (path) => wanted.get(path) !== present.get(path),
  )
  for (const path of stale)
    process.stdout.write(`src/wire/${path} is out of date; run \`npm run generate\`\n`)
  process.exitCode = stale.length === 0 ? 0 : 1
} finally {
  rmSync(fresh, { recursive: true, force: true })
}

function contentsOf(folder) {
  const paths = readdirSync(join(folder, 'generated'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
  return new Map(
    [...paths, join(folder, 'descriptors.binpb')].map((path) => [
      path.slice(folder.length + 1),
      readFileSync(path, 'latin1'),
    ]),
  )
}
