import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { packageRoot } from '../../../src/packageRoot'
import { startTestServer, type TestServer } from '../../support/server'

const BUF = join(packageRoot, 'node_modules', '.bin', 'buf')

let server: TestServer

beforeAll(async () => {
  server = await startTestServer()
})

afterAll(() => server?.stop())

describe.each(['grpc-v1', 'grpc-v1alpha'])(
  'a foreign client that knows nothing but the address, by %s',
  (protocol) => {
    const curl = (...args: string[]) => bufCurl('--reflect', '--reflect-protocol', protocol, ...args)

    test('finds every service', async () => {
      expect((await curl('--list-services', url(''))).trim().split('\n')).toEqual([
        'grpc.health.v1.Health',
        'grpc.reflection.v1.ServerReflection',
        'grpc.reflection.v1alpha.ServerReflection',
        'tollgate.billing.v1.BillingService',
        'tollgate.billing.v1.BudgetService',
        'tollgate.billing.v1.PriceService',
        'tollgate.billing.v1.ReconciliationService',
        'tollgate.billing.v1.UserService',
      ])
    })

    test('finds every method', async () => {
      const methods = await curl('--list-methods', url(''))
      expect(methods).toContain('tollgate.billing.v1.BillingService/StreamSettle')
      expect(methods).toContain('tollgate.billing.v1.ReconciliationService/Reconcile')
      expect(methods).toContain('grpc.health.v1.Health/Check')
    })

    test('calls them, with maps and times in the messages', async () => {
      const userId = `by-${protocol}`
      const call = async (method: string, request: object) =>
        JSON.parse(
          await curl('--data', JSON.stringify(request), url(`tollgate.billing.v1.${method}`)),
        ) as object

      const { user } = (await call('UserService/CreateUser', {
        user_id: userId,
        is_trial: true,
        trial_expires_at: '2099-01-01T00:00:00Z',
      })) as { user: { createdAt: string } }
      expect(user).toMatchObject({ userId, trialExpiresAt: '2099-01-01T00:00:00Z', billedAsTrial: true })
      expect(Math.abs(Date.parse(user.createdAt) - Date.now())).toBeLessThan(60_000)

      await call('PriceService/PutPrice', {
        model: 'm',
        rate_cards: [
          { rates: [{ meter: 'METER_INPUT_TOKENS', price_nanousd: '5000000000', per: '1000000' }] },
        ],
      })
      const answer = await call('BillingService/ChargeUsage', {
        idempotency_key: 'k',
        user_id: userId,
        model: 'm',
        usage: { input_tokens: '1000' },
        labels: { team: 'search' },
      })
      expect(answer).toMatchObject({
        charge: { trial: true, forgoneNanousd: '5000000', labels: { team: 'search' } },
      })
    })

    test('asks for health', async () => {
      const answer = await curl('--data', '{}', url('grpc.health.v1.Health/Check'))
      expect(JSON.parse(answer)).toEqual({ status: 'SERVING' })
    })

    test('reads why it was refused', async () => {
      const refused = curl('--data', '{}', url('tollgate.billing.v1.UserService/GetUser'))
      await expect(refused).rejects.toMatchObject({
        stderr: expect.stringMatching(
          /"invalid_argument"[\s\S]*user_id must be set[\s\S]*google\.rpc\.ErrorInfo/,
        ),
      })
    })
  },
)

function url(path: string): string {
  return `http://${server.address}/${path}`
}

async function bufCurl(...args: string[]): Promise<string> {
  const all = ['curl', '--protocol', 'grpc', '--http2-prior-knowledge', ...args]
  const { stdout } = await promisify(execFile)(BUF, all)
  return stdout
}
