import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { status } from '@grpc/grpc-js'
import { Streams } from '../../src/billing/streams/streamSettle'
import { streamSettle } from '../../src/rpc/billing/streamSettle'
import { startRpcServer } from '../../src/rpc/server/server'
import { breakableWay } from '../support/breakableNetwork'
import { entriesOf, givenUser, userOf, whatIsWrong } from '../support/ledger'
import { aGrant } from '../support/postings'
import { cardOf } from '../support/priceBooks'
import { scriptedPeer, transportError } from '../support/scriptedPeer'
import { startTestServer, type TestServer } from '../support/server'
import { startStreamServer } from '../support/streamServer'

const ROOT = join(__dirname, '../..')
const EXAMPLE = join(ROOT, 'examples/python')
/** With the packages of examples/python/requirements.txt; CI makes one. */
const PYTHON = process.env['TOLLGATE_TEST_PYTHON'] ?? 'python3'
const isThere = spawnSync(PYTHON, ['-c', 'import grpc, grpc_tools, grpc_status']).status === 0

/** $1 a million input tokens, $10 a million output tokens, in nano-USD a token; a prompt of ten. */
const INPUT = 10n * 1_000n
const OUTPUT = 10_000n

jest.setTimeout(60_000)

let server: TestServer
let generated: string
let users = 0
/** One that hangs must not outlive its test. */
const running = new Set<ChildProcess>()

beforeAll(async () => {
  if (!isThere) return
  generated = mkdtempSync(join(tmpdir(), 'python-test-'))
  const folder = join(ROOT, 'proto/tollgate/billing/v1')
  const protos = readdirSync(folder).map((name) => join(folder, name))
  const out = [`--python_out=${generated}`, `--grpc_python_out=${generated}`]
  execFileSync(PYTHON, ['-m', 'grpc_tools.protoc', '-I', join(ROOT, 'proto'), ...out, ...protos])
  server = await startTestServer()
  await server.billing.prices.putPrice({
    model: 'test-model',
    provider: '',
    rateCards: [cardOf({ INPUT_TOKENS: 1, OUTPUT_TOKENS: 10, CACHE_READ_INPUT_TOKENS: 0.5 })],
  })
})

afterAll(async () => {
  for (const child of running) child.kill('SIGKILL')
  await server?.stop()
  if (generated !== undefined) rmSync(generated, { recursive: true, force: true })
})

function python(script: string, ...args: string[]): { child: ChildProcess; said: Promise<string> } {
  const child = spawn(PYTHON, [script, ...args], {
    env: {
      PATH: process.env['PATH'],
      PYTHONPATH: `${generated}:${EXAMPLE}`,
      PYTHONDONTWRITEBYTECODE: '1',
      MODEL: 'test-model',
    },
  })
  running.add(child)
  child.once('close', () => running.delete(child))
  let said = ''
  for (const output of [child.stdout, child.stderr]) {
    output.on('data', (part) => {
      said += part
    })
  }
  return {
    child,
    said: new Promise((resolve, reject) => {
      child.once('close', (code) =>
        code === 0 ? resolve(said) : reject(new Error(`exit code ${code}: ${said}`)),
      )
    }),
  }
}

const metering = (...args: string[]) => python(join(__dirname, 'python/metering.py'), ...args)

async function lastLineOf({ said }: { said: Promise<string> }): Promise<unknown> {
  return JSON.parse((await said).trim().split('\n').at(-1) ?? '')
}

async function givenCredits(amountNanousd: bigint): Promise<string> {
  const userId = `user-${++users}`
  await givenUser(server.database, userId)
  await server.billing.ledger.post(aGrant(userId, 'order', amountNanousd))
  return userId
}

async function expectCharged(userId: string, amountNanousd: bigint): Promise<void> {
  const charges = (await entriesOf(server.database, userId)).flatMap(({ charge }) => charge ?? [])
  expect(charges.map((charge) => charge.amountNanousd)).toEqual([amountNanousd])
  expect(await userOf(server.database, userId)).toMatchObject({ heldNanousd: 0n })
  expect(await whatIsWrong(server.database, userId)).toEqual([])
}
// Where there is no Python, or none with grpcio, these are reported as skipped.
;(isThere ? describe : describe.skip)('the Python client', () => {
  test('makes every call', async () => {
    const said = await python(join(EXAMPLE, 'try_it.py'), server.address).said
    expect(said).toMatch(/the same again {3}replayed: True\nStreamSettle {5}5000 words/)
  })

  test('meters a generation to its end', async () => {
    const userId = await givenCredits(1_000_000_000n)
    expect(await lastLineOf(metering(server.address, userId))).toMatchObject({ delivered: 2_000, error: '' })
    await expectCharged(userId, INPUT + 2_000n * OUTPUT)
  })

  test('stops at the last token that is paid for', async () => {
    const userId = await givenCredits(INPUT + 1_500n * OUTPUT)
    expect(await lastLineOf(metering(server.address, userId))).toMatchObject({
      delivered: 1_500,
      stopped_by: 1,
    })
    await expectCharged(userId, INPUT + 1_500n * OUTPUT)
  })

  test('charges what the provider counted at the end, though that is beyond the grant', async () => {
    // The prompt, and what was delivered.
    const userId = await givenCredits(INPUT + 2_000n * OUTPUT)
    const amount = INPUT + 2_000n * OUTPUT
    expect(await lastLineOf(metering(server.address, userId, '--count'))).toMatchObject({
      ...{ delivered: 2_000, stopped_by: 1, amount: Number(amount) },
    })
    await expectCharged(userId, amount)
    const { failures } = await server.client.listDeductionFailures({ userId })
    expect(failures).toMatchObject([{ amountNanousd: String(3_000n * OUTPUT) }])
  })

  test('keeps its hold while the provider thinks for longer than that is valid', async () => {
    const short = await startStreamServer({ validityMs: 1_500 })
    try {
      const userId = await short.aUser()
      expect(await lastLineOf(metering(short.address, userId, '--think'))).toMatchObject({
        delivered: 2_000,
        error: '',
      })
      const settlements = await short.settlementsOf(userId)
      expect(settlements.map(({ charge }) => charge?.amountNanousd)).toEqual([INPUT + 2_000n * OUTPUT])
    } finally {
      await short.stop()
    }
  })

  test('settles a long answer that comes as fast as it is taken', async () => {
    const userId = await givenCredits(10_000_000_000n)
    const outcome = (await lastLineOf(metering(server.address, userId, '--many'))) as { reports: number }
    expect(outcome).toMatchObject({ delivered: 50_000, error: '' })
    // Two for each grant, and one a second.
    expect(outcome.reports).toBeLessThan(100)
    await expectCharged(userId, INPUT + 50_000n * OUTPUT)
  })

  test('leaves a provider that says nothing any more, and charges what was delivered', async () => {
    const userId = await givenCredits(1_000_000_000n)
    expect(await lastLineOf(metering(server.address, userId, '--hang'))).toMatchObject({
      delivered: 999,
      error: 'the provider said nothing for 1 s',
    })
    await expectCharged(userId, INPUT + 999n * OUTPUT)
  })

  test.each([status.INTERNAL, status.UNKNOWN, status.CANCELLED, status.RESOURCE_EXHAUSTED])(
    'asks again where the connection broke: %s',
    async (code) => {
      const errors = [transportError(code)]
      const peer = await scriptedPeer(() => errors.shift() ?? { charge: { amountNanousd: '7' } })
      try {
        expect(await python(join(__dirname, 'python/charging.py'), peer.address).said).toBe('7\n')
        expect(peer.asked.map(({ keys }) => keys)).toEqual([['call-1'], ['call-1']])
      } finally {
        peer.stop()
      }
    },
  )

  test('is refused what nobody can pay', async () => {
    const userId = await givenCredits(1n)
    expect(await lastLineOf(metering(server.address, userId))).toMatchObject({
      delivered: 0,
      amount: null,
      error: 'INSUFFICIENT_CREDITS',
    })
  })

  test.each([
    ['the reader leaves', '--break', 1_000n],
    ['the provider fails', '--fail', 999n],
  ])('charges what was delivered when %s', async (_name, option, words) => {
    const userId = await givenCredits(1_000_000_000n)
    expect(await lastLineOf(metering(server.address, userId, option))).toMatchObject({
      delivered: Number(words),
    })
    await expectCharged(userId, INPUT + words * OUTPUT)
  })

  test('leaves a server that stops, and goes on elsewhere', async () => {
    const userId = await givenCredits(1_000_000_000n)
    const { billing } = server
    const stopping = new Streams(billing)
    const rpc = await startRpcServer({
      billing,
      host: '127.0.0.1',
      port: 0,
      streamSettle: streamSettle(stopping),
    })
    const way = await breakableWay(() => connect(Number(server.address.split(':')[1]), '127.0.0.1'))
    // At first, only the one that is to stop can be reached.
    way.break()
    try {
      const { child, said } = metering(`ipv4:127.0.0.1:${rpc.port},127.0.0.1:${way.port}`, userId, '--pause')
      await new Promise((resolve) => child.stdout?.once('data', resolve))
      way.mend()
      await stopping.drain()
      child.stdin?.end('go on\n')
      expect(await lastLineOf({ said })).toMatchObject({ delivered: 2_000, error: '' })
    } finally {
      await rpc.drain(0)
      way.close()
    }
    await expectCharged(userId, INPUT + 2_000n * OUTPUT)
  })

  test('goes on over a new connection when the old one breaks', async () => {
    const userId = await givenCredits(1_000_000_000n)
    const way = await breakableWay(() => connect(Number(server.address.split(':')[1]), '127.0.0.1'))
    try {
      const { child, said } = metering(`127.0.0.1:${way.port}`, userId, '--pause')
      await new Promise((resolve) => child.stdout?.once('data', resolve))
      way.break()
      way.mend()
      child.stdin?.end('go on\n')
      expect(await lastLineOf({ said })).toMatchObject({ delivered: 2_000, error: '' })
    } finally {
      way.close()
    }
    await expectCharged(userId, INPUT + 2_000n * OUTPUT)
  })
})
