import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(__dirname, '../..')

/** Builds the Node client's tarball in a folder and returns its path. */
export function packNodeClient(folder: string): string {
  const script = join(ROOT, 'scripts/nodeClient.mjs')
  return execFileSync(process.execPath, [script, folder], { encoding: 'utf8' }).trim()
}

/** Builds the Node client where `examples/gateway` imports it from, without a registry. */
export function linkNodeClient(): void {
  const build = join(ROOT, 'clients/node/build')
  packNodeClient(build)
  const link = join(ROOT, 'examples/gateway/node_modules/@tollgate/client')
  mkdirSync(join(link, '..'), { recursive: true })
  rmSync(link, { recursive: true, force: true })
  symlinkSync(build, link, 'dir')
}
