import { createHash } from 'node:crypto'
import { status } from '@grpc/grpc-js'
import type { TollgateClient } from '../../src/client/connect'
import type { TollgateError } from '../../src/client/errors'
import { parseTokens, type Token } from '../../src/rpc/auth'
import type { Scope } from '../../src/rpc/scopes'
import { SetupError } from '../../src/setupError'
import { startTestServer, type TestServer } from '../support/server'

const TOKENS = [tokenFor('gateway'), tokenFor('read'), tokenFor('admin'), tokenFor('read', 'gateway')]

describe('a server with tokens', () => {
  let server: TestServer
  let clients: Record<string, TollgateClient>

  beforeAll(async () => {
    server = await startTestServer({ tokens: TOKENS })
    clients = {
      nobody: server.client,
      stranger: server.connect('not-a-token'),
      gateway: server.connect('gateway-token'),
      read: server.connect('read-token'),
      admin: server.connect('admin-token'),
      both: server.connect('read-gateway-token'),
    }
  })

  afterAll(() => server?.stop())

  /** Each method asked for an empty request: whoever may call gets as far as the request's own mistakes. */
  test.each([
    ['chargeUsage', ['gateway', 'admin', 'both']],
    ['getCharge', ['gateway', 'read', 'admin', 'both']],
    ['getUser', ['read', 'admin', 'both']],
    ['listLedgerEntries', ['read', 'admin', 'both']],
    ['createUser', ['admin']],
    ['grantCredits', ['admin']],
    ['putPrice', ['admin']],
  ] as const)('%s may be called by %s', async (method, allowed) => {
    const reasons = Object.fromEntries(
      await Promise.all(
        Object.entries(clients).map(async ([name, client]) => {
          const error = await client[method]({}).catch((caught: TollgateError) => caught)
          return [name, (error as TollgateError).reason] as const
        }),
      ),
    )
    expect(reasons).toEqual({
      nobody: 'TOKEN_MISSING',
      stranger: 'TOKEN_UNKNOWN',
      ...Object.fromEntries(
        ['gateway', 'read', 'admin', 'both'].map((name) => [
          name,
          (allowed as readonly string[]).includes(name) ? 'INVALID_FIELD' : 'SCOPE_MISSING',
        ]),
      ),
    })
  })

  test('a stream is checked too', async () => {
    const stream = clients['read']?.streamSettle()
    const next = stream?.events[Symbol.asyncIterator]().next()
    await expect(next).rejects.toMatchObject({ code: status.PERMISSION_DENIED, reason: 'SCOPE_MISSING' })
  })
})

describe('a tokens file', () => {
  test('names each token, its hash and its scopes', () => {
    const [alpha, beta] = [hashOf('alpha'), hashOf('beta')]
    const text = `# whose\n\nalpha ${alpha} gateway\r\n  beta\t${beta.toUpperCase()}  read,admin  \n`
    expect(parseTokens(text, 'tokens')).toEqual([
      { name: 'alpha', hash: Buffer.from(alpha, 'hex'), scopes: ['gateway'] },
      { name: 'beta', hash: Buffer.from(beta, 'hex'), scopes: ['read', 'admin'] },
    ])
  })

  test('with mistakes is refused with all of them, and without the tokens that somebody put there by mistake', () => {
    const text = [
      'alpha s3cret gateway',
      `beta ${hashOf('x')} s3cret`,
      'gamma',
      `s3cret! ${hashOf('y')} gateway`,
      `delta ${hashOf('z')} gateway`,
      `epsilon ${hashOf('z')} admin`,
    ].join('\n')
    const message = messageOf(() => parseTokens(text, 'tokens'))
    expect(message).toMatch(
      /line 1: .*SHA-256[\s\S]*line 2: .*scopes[\s\S]*line 3: [\s\S]*line 4: .*name[\s\S]*line 6: .*earlier/,
    )
    expect(message).not.toContain('line 5')
    expect(message).not.toContain('s3cret')
  })

  test('without tokens is refused', () => {
    expect(messageOf(() => parseTokens('# none\n', 'tokens'))).toContain('no tokens')
  })
})

function tokenFor(...scopes: Scope[]): Token {
  return { name: scopes.join('+'), hash: Buffer.from(hashOf(`${scopes.join('-')}-token`), 'hex'), scopes }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

function messageOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof SetupError) return error.message
    throw error
  }
  throw new Error('it was not refused')
}
