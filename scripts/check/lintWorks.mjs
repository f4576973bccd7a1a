// The rule against unawaited promises needs the linter to know types across files. This checks that it does: it must refuse
// a file that drops the promise of a function in another file.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '../prepare.mjs'

// In a folder elsewhere, with the same rules: the other checks would find it in this one.
const folder = mkdtempSync(join(tmpdir(), 'tollgate-lint-'))
try {
  cpSync(join(root, 'biome.json'), join(folder, 'biome.json'))
  mkdirSync(join(folder, 'src'))
  writeFileSync(join(folder, 'src', 'pay.ts'), 'export async function pay(): Promise<void> {}\n')
  const dropping = "import { pay } from './pay'\n\nexport function drops(): void {\n  pay()\n}\n"
  writeFileSync(join(folder, 'src', 'drops.ts'), dropping)
  const biome = join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome')
  const { stdout, stderr } = spawnSync(process.execPath, [biome, 'lint', 'src'], {
    cwd: folder,
    encoding: 'utf8',
  })
  if (!`${stdout}${stderr}`.includes('noFloatingPromises')) {
    process.stdout.write(`A dropped promise was not noticed:\n${stdout}${stderr}`)
    process.exitCode = 1
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
