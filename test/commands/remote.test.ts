import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectTollgate } from '../../clients/node/src/connect'
import { causeIn } from '../../src/commands/remote'
import { aCertificate } from '../support/certificates'
import { runProgram } from '../support/program'

// What is wrong with a token or a file of TLS is told in a line; a token is not quoted.

const SECRET = 'tg_the-token-itself'

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'token-test-'))
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test.each([
  ['two lines', `${SECRET}\nanother\n`],
  ['letters beyond ASCII', `${SECRET}é`],
  ['two words', `gateway ${SECRET}`],
])(
  'a file of %s is no token',
  async (_what, text) => {
    const file = join(folder, 'token')
    writeFileSync(file, text)
    const address = ['--address', '127.0.0.1:1']
    for (const [args, environment] of [
      [['--token-file', file], {}],
      [[], { TOLLGATE_TOKEN: text }],
    ] as const) {
      const { code, stdout, stderr } = await runProgram(['users', 'list', ...address, ...args], environment)
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
      expect(stderr).toMatch(/^tollgate: .*token/)
      expect(stderr).not.toContain(SECRET)
    }
  },
  60_000,
)

test.each([
  ['a CA that is none', ['--tls', 'key'], /^tollgate: \S+key is not a certificate in PEM: /],
  [
    'a key of another',
    ['--tls-cert', 'cert', '--tls-key', 'key'],
    /^tollgate: \S+cert and \S+key can't be used for TLS: /,
  ],
])('%s is reported in one line', async (_what, options, expected) => {
  const [own, other] = await Promise.all([aCertificate('one'), aCertificate('other')])
  writeFileSync(join(folder, 'cert'), own.certificate)
  writeFileSync(join(folder, 'key'), other.key)
  const args = options.map((each) => (each.startsWith('--') ? each : join(folder, each)))
  const { code, stderr } = await runProgram(['users', 'list', '--address', '127.0.0.1:1', ...args])
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(expected) })
  expect(stderr.trim().split('\n')).toHaveLength(1)
})

test.each([
  [
    'Last error: Error: connect ECONNREFUSED 127.0.0.1:1. Resolution note: ',
    'connect ECONNREFUSED 127.0.0.1:1',
  ],
  [
    'Last error: Error: 808C6C7E8B7F0000:error:0A00045C:SSL routines:ssl3_read_bytes:tlsv13 alert certificate required:../deps/a.c:1601:SSL alert number 116\n (2026-11-28T15:39:41.201Z)',
    'tlsv13 alert certificate required',
  ],
  ['Last error: Failed to connect (2026-11-28T15:39:41.931Z)', 'Failed to connect'],
])('%j is shortened to %j', (message, cause) => {
  expect(causeIn(message)).toBe(cause)
})

test("the client quotes no token that it can't send", () => {
  const connect = () => connectTollgate({ address: '127.0.0.1:1', token: `${SECRET}\n` })
  expect(connect).toThrow(/token/)
  expect(connect).not.toThrow(SECRET)
})
