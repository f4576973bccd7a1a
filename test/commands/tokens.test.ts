import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectTollgate } from '../../src/client/connect'
import { runProgram } from '../support/program'

// A token that gRPC can't send is told of without being quoted.

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

test('nor does the client quote one', () => {
  const connect = () => connectTollgate({ address: '127.0.0.1:1', token: `${SECRET}\n` })
  expect(connect).toThrow(/token/)
  expect(connect).not.toThrow(SECRET)
})
