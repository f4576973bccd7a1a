// `npm run build:node-client`: packs @tollgate/client and prints the tarball's path. An argument names the folder to
// build in; the default is clients/node/build.
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { install, npm, readJson, root, run } from './prepare.mjs'

const client = join(root, 'clients', 'node')
const build = resolve(process.argv[2] ?? join(client, 'build'))

install()
rmSync(build, { recursive: true, force: true })
mkdirSync(build, { recursive: true })
for (const file of ['package.json', 'README.md']) cpSync(join(client, file), join(build, file))
cpSync(join(root, 'LICENSE'), join(build, 'LICENSE'))
for (const folder of ['google', 'grpc', 'tollgate'])
  cpSync(join(root, 'proto', folder), join(build, 'proto', folder), { recursive: true })
const tsc = join('node_modules', 'typescript', 'bin', 'tsc')
run(process.execPath, tsc, '--project', client, '--outDir', join(build, 'dist'))
// One copy of the code for both kinds of import, so that `instanceof TollgateError` holds across them.
const entry = './dist/clients/node/src/index.js'
writeFileSync(join(build, 'index.mjs'), `export * from '${entry}'\n`)
writeFileSync(join(build, 'index.d.mts'), `export * from '${entry}'\n`)
run(...npm(), 'pack', build, '--pack-destination', build, '--loglevel', 'error')
const { version } = readJson(join(client, 'package.json'))
process.stdout.write(`${join(build, `tollgate-client-${version}.tgz`)}\n`)
