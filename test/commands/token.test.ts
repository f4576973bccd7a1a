import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hashOfToken, parseTokens } from '../../src/rpc/server/auth'
import { aCertificate, aCertificateAuthority } from '../support/certificates'
import { startServerProcess } from '../support/serverProcess'
import { type TestDatabase, testDatabase, urlOf } from '../support/testDatabase'

// Every step is a process of its own; on a loaded machine each takes seconds.
jest.setTimeout(120_000)

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'token-test-'))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

function tollgate(args: readonly string[], environment: Record<string, string> = {}) {
  const program = [join(__dirname, '../support/fromSource.js'), 'src/main']
  const { status, stdout, stderr } = spawnSync(process.execPath, [...program, ...args], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], ...environment },
  })
  return { status, stdout, stderr }
}

describe('token create', () => {
  const create = (...args: string[]) => tollgate(['token', 'create', ...args])

  test('prints a token alone, and adds its hash to the file, which only its owner reads', () => {
    const file = join(folder, 'tokens')
    const first = create('--name', 'gateway-eu', '--scopes', 'gateway', '--file', file)
    const second = create('--name', 'finance', '--scopes', 'read,gateway', '--file', file)
    const tokens = [first, second].map(({ stdout }) => stdout.trim())
    for (const token of tokens) expect(token).toMatch(/^tg_[\w-]{43}$/)
    expect(parseTokens(readFileSync(file, 'utf8'), file)).toEqual([
      { name: 'gateway-eu', hash: hashOfToken(tokens[0] ?? ''), scopes: ['gateway'] },
      { name: 'finance', hash: hashOfToken(tokens[1] ?? ''), scopes: ['read', 'gateway'] },
    ])
    expect(statSync(file).mode & 0o777).toBe(0o600)
    for (const token of tokens) expect(readFileSync(file, 'utf8') + first.stderr).not.toContain(token)
  })

  test('continues after a last line without a line end', () => {
    const file = join(folder, 'tokens')
    writeFileSync(file, `old ${hashOfToken('old').toString('hex')} read`)
    expect(create('--name', 'new', '--scopes', 'admin', '--file', file).status).toBe(0)
    expect(parseTokens(readFileSync(file, 'utf8'), file).map(({ name }) => name)).toEqual(['old', 'new'])
  })

  test('adds nothing to a file that has mistakes', () => {
    const file = join(folder, 'tokens')
    writeFileSync(file, 'broken\n')
    const { status, stdout, stderr } = create('--name', 'new', '--scopes', 'admin', '--file', file)
    expect([status, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(/has mistakes:\n {2}line 1/)
    expect(readFileSync(file, 'utf8')).toBe('broken\n')
  })

  test.each([
    [['--name', 'a b', '--scopes', 'read'], /1 to 64 letters/],
    [['--name', 'tollgate', '--scopes', 'read'], /not tollgate/],
    [['--name', 'a', '--scopes', 'root'], /gateway, read, admin/],
    [['--name', 'a'], /--scopes/],
    [['--name', 'a', '--scopes', 'read', '--file', '/no/such/folder/tokens'], /can't be added to/],
  ])('refuses %j, and prints no token', (args, complaint) => {
    const { status, stdout, stderr } = create(...args)
    expect([status, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(complaint)
    expect(stderr).not.toContain('    at ')
  })
})

describe('the command line, for a server that requires client certificates', () => {
  let database: TestDatabase

  beforeEach(async () => {
    database = await testDatabase()
  })

  afterEach(() => database.drop())

  function file(name: string, content: Buffer): string {
    writeFileSync(join(folder, name), content)
    return join(folder, name)
  }

  test('presents its own', async () => {
    const ca = await aCertificateAuthority()
    const [server, client] = [
      await aCertificate('server', { by: ca }),
      await aCertificate('client', { by: ca }),
    ]
    const caFile = file('ca.pem', ca.certificate)
    const { address, stop } = await startServerProcess({
      DATABASE_URL: urlOf(database.connection),
      TOLLGATE_TLS_CERT_FILE: file('server.pem', server.certificate),
      TOLLGATE_TLS_KEY_FILE: file('server.key', server.key),
      TOLLGATE_TLS_CLIENT_CA_FILE: caFile,
    })
    const own = [
      '--tls-cert',
      file('client.pem', client.certificate),
      '--tls-key',
      file('client.key', client.key),
    ]
    const list = (...args: string[]) =>
      tollgate(['aliases', 'list', '--address', address.replace('127.0.0.1', 'localhost'), ...args])
    try {
      expect(list('--tls', caFile, ...own)).toMatchObject({ status: 0, stderr: 'There are no aliases.\n' })
      const without = list('--tls', caFile)
      expect([without.status, without.stderr]).toEqual([
        2,
        expect.stringMatching(/--tls-cert and --tls-key if it requires/),
      ])
      const plain = list()
      expect([plain.status, plain.stderr]).toEqual([2, expect.stringMatching(/--tls if it serves TLS/)])
      const half = list('--tls', caFile, ...own.slice(0, 2))
      expect([half.status, half.stderr]).toEqual([2, expect.stringMatching(/go together/)])
      const noFile = list('--tls', join(folder, 'none.pem'))
      expect([noFile.status, noFile.stderr]).toEqual([2, expect.stringMatching(/none\.pem/)])
    } finally {
      expect(await stop()).toBe(0)
    }
  })
})
