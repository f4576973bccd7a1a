import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../src/packageRoot'

/** Every page for people, by its path. */
export const PAGES = [
  ...['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'helm/tollgate/README.md'],
  ...readdirSync(join(packageRoot, 'docs')).map((file) => `docs/${file}`),
  ...['gateway', 'go', 'python'].map((folder) => `examples/${folder}/README.md`),
]

export function readPage(page: string): string {
  return readFileSync(join(packageRoot, page), 'utf8')
}
