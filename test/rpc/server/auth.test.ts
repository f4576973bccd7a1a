import { createHash } from 'node:crypto'
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js'
import type { TollgateClient } from '../../../clients/node/src/connect'
import { errorOfCall, type TollgateError } from '../../../clients/node/src/errors'
import { parseTokens, type Token } from '../../../src/rpc/server/auth'
import { type MethodName, SCOPES_BY_METHOD, type Scope } from '../../../src/rpc/server/scopes'
import { SetupError } from '../../../src/setupError'
import { services } from '../../../src/wire/definition'
import { methodNames } from '../../support/requestFields'
import { startTestServer, type TestServer } from '../../support/server'

/** Whatever the answer is, it has nothing to do with tokens. */
const PASSED = 'let in'

const GATEWAY = ['PriceQuote', 'ChargeUsage', 'BatchChargeUsage', 'StreamSettle', 'ReportParts']
const READ = [
  ...['SummarizeSpend', 'ListBudgets', 'ListBudgetUsage'],
  ...['GetUser', 'ListUsers', 'ListLedgerEntries', 'ListHolds', 'GetPrice', 'ListPrices', 'ListAliases'],
  ...['ListPriceChanges', 'ListDeductionFailures', 'ListLedgerHeads', 'Reconcile', 'ReconcileHeads'],
]

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

  const everyMethod = methodNames().map((method) => [
    method,
    SCOPES_BY_METHOD[(method.charAt(0).toUpperCase() + method.slice(1)) as MethodName] as readonly Scope[],
  ])

  /** Calls each method with an empty request: an authorised caller passes the check, whatever happens to the request. */
  test.each(everyMethod)('%s may be called by admin and %j alone', async (method, scopes) => {
    const reasons = Object.fromEntries(
      await Promise.all(
        Object.entries(clients).map(async ([name, client]) => [name, await reasonOf(client, String(method))]),
      ),
    )
    const allowed = (...names: Scope[]) => names.some((name) => name === 'admin' || scopes?.includes(name))
    expect(reasons).toEqual({
      nobody: 'TOKEN_MISSING',
      stranger: 'TOKEN_UNKNOWN',
      gateway: allowed('gateway') ? PASSED : 'SCOPE_MISSING',
      read: allowed('read') ? PASSED : 'SCOPE_MISSING',
      admin: PASSED,
      both: allowed('read', 'gateway') ? PASSED : 'SCOPE_MISSING',
    })
  })

  test('the table of scopes is that of the contract, method by method', () => {
    const capitalised = methodNames().map((name) => name.charAt(0).toUpperCase() + name.slice(1))
    expect(Object.keys(SCOPES_BY_METHOD).sort()).toEqual(capitalised.sort())
    expect(SCOPES_BY_METHOD).toEqual({
      ...Object.fromEntries(capitalised.map((name) => [name, []])),
      ...Object.fromEntries(GATEWAY.map((name) => [name, ['gateway']])),
      GetCharge: ['gateway', 'read'],
      ...Object.fromEntries(READ.map((name) => [name, ['read']])),
    })
  })

  test.each([
    ['Basic Z2F0ZXdheS10b2tlbg==', 'TOKEN_MISSING'],
    ['gateway-token', 'TOKEN_MISSING'],
    ['Bearer', 'TOKEN_MISSING'],
    ['Bearer gateway-token gateway-token', 'TOKEN_MISSING'],
    ['Bearer gateway-toke', 'TOKEN_UNKNOWN'],
    ['Bearer gateway-token2', 'TOKEN_UNKNOWN'],
    [`Bearer ${hashOf('gateway-token')}`, 'TOKEN_UNKNOWN'],
    ['bearer  gateway-token', PASSED],
  ])('the header "%s" comes to %s', async (authorization, expected) => {
    expect(await reasonOfHeader(server.address, authorization)).toBe(expected)
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

async function reasonOf(client: TollgateClient, method: string): Promise<string> {
  try {
    if (method === 'streamSettle') await firstOf(client.streamSettle())
    else await client[method as 'chargeUsage']({})
    return PASSED
  } catch (error) {
    const { reason } = error as TollgateError
    return /TOKEN|SCOPE/.test(reason) ? reason : PASSED
  }
}

/** Ends the stream at once where it is let in. */
async function firstOf(stream: ReturnType<TollgateClient['streamSettle']>): Promise<void> {
  stream.end()
  await stream.events[Symbol.asyncIterator]().next()
}

function reasonOfHeader(address: string, authorization: string): Promise<string> {
  const client = new Client(address, credentials.createInsecure())
  const metadata = new Metadata()
  metadata.set('authorization', authorization)
  const method = services['tollgate.billing.v1.BillingService'].ChargeUsage
  return new Promise((resolve) => {
    client.makeUnaryRequest(
      method.path,
      method.requestSerialize,
      method.responseDeserialize,
      {},
      metadata,
      (error) => {
        client.close()
        const { reason } = errorOfCall(error as ServiceError)
        resolve(/TOKEN|SCOPE/.test(reason) ? reason : PASSED)
      },
    )
  })
}

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
