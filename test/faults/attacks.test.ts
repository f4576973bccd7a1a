import { createHash } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { connectTollgate, type TollgateClient } from '../../clients/node/src/connect'
import type { Scope } from '../../src/rpc/server/scopes'
import { type Attacker, startAttacker } from '../support/attacks/attacker'
import { type AttackName, attacks } from '../support/attacks/attacks'
import { aCharge, LEDGER_ENTRIES, USER_ID } from '../support/attacks/target'
import { aCertificate } from '../support/certificates'
import { limitMemory, memoryOf } from '../support/memoryLimit'
import { type ServerProcess, startServerProcess } from '../support/serverProcess'
import { type TestDatabase, testDatabase, urlOf } from '../support/testDatabase'

// Attacks on a server's memory and time, one after the other, on a server that has the memory of the chart's pods. Beside
// each a gateway charges. Every charge succeeds, the server lives, and its memory comes back.

const MEMORY_BYTES_MAX = 512 * 2 ** 20
const ATTACK_MS = 5_000
/** Of a charge. Attacker, server, Postgres and this test may share two cores, and other tests run beside them. */
const CHARGE_MS_MAX = 5_000
const BACK_WITHIN_MS = 60_000
/** Of objects and buffers. What V8 and the allocator keep for later is not counted. */
const LEFT_BYTES_MAX = 64 * 2 ** 20
const PAUSE_MS = 25
/** Charges on one connection, before the gateway makes a new one. */
const CHARGES_PER_CONNECTION = 5

const TLS_ATTACK: AttackName = 'strangers who stop in the handshake of TLS'
const PLAIN_ATTACKS = (Object.keys(attacks) as AttackName[]).filter((name) => name !== TLS_ATTACK)

const TOKENS: Record<Scope, string> = { gateway: 'gateway-token', read: 'read-token', admin: 'admin-token' }

let database: TestDatabase
let folder: string
let server: ServerProcess
let certificate: Buffer
let attacker: Attacker | undefined

beforeAll(async () => {
  database = await testDatabase()
  folder = mkdtempSync(join(tmpdir(), 'tg-attacks-'))
  chmodSync(folder, 0o755)
})

afterAll(async () => {
  await database?.drop()
  rmSync(folder, { recursive: true, force: true })
})

afterEach(() => attacker?.stop())

describe('a server', () => {
  serving(async () => ({}))

  beforeAll(async () => {
    const client = connect(TOKENS.admin)
    await fill(client)
    client.close()
  }, 60_000)

  test.each(PLAIN_ATTACKS)('survives %s', survives, ATTACK_MS + BACK_WITHIN_MS + 30_000)
})

describe('a server with TLS', () => {
  serving(async () => {
    const made = await aCertificate('server')
    certificate = made.certificate
    return {
      TOLLGATE_TLS_CERT_FILE: file('tls.crt', made.certificate),
      TOLLGATE_TLS_KEY_FILE: file('tls.key', made.key),
    }
  })

  test(`survives ${TLS_ATTACK}`, () => survives(TLS_ATTACK), ATTACK_MS + BACK_WITHIN_MS + 30_000)
})

/** Runs a server for the tests of a block. */
function serving(environment: () => Promise<Record<string, string>>): void {
  const memory = limitMemory(MEMORY_BYTES_MAX)

  beforeAll(async () => {
    const lines = Object.entries(TOKENS).map(
      ([scope, token]) => `${scope} ${createHash('sha256').update(token).digest('hex')} ${scope}`,
    )
    server = await startServerProcess(
      {
        DATABASE_URL: urlOf(database.connection),
        TOLLGATE_TOKENS_FILE: file('tokens', lines.join('\n')),
        TOLLGATE_GRPC_HOST: '127.0.0.1',
        TOLLGATE_LOW_VALUE_MODELS: `${'a*'.repeat(12)}b`,
        ...(await environment()),
      },
      { memory },
    )
  }, 60_000)

  afterAll(async () => {
    await server?.kill()
    memory.remove()
  })
}

function file(name: string, content: string | Buffer): string {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}

function connect(token: string): TollgateClient {
  return connectTollgate({
    address: server.address.replace('127.0.0.1', certificate === undefined ? '127.0.0.1' : 'localhost'),
    token,
    ...(certificate !== undefined && { tls: { ca: certificate } }),
    batching: false,
    retry: { retriesMax: 0 },
  })
}

async function fill(client: TollgateClient): Promise<void> {
  await client.createUser({ userId: USER_ID })
  await client.grantCredits({
    userId: USER_ID,
    idempotencyKey: 'start',
    pot: 'POT_CREDITS',
    amountNanousd: '1000000000000',
  })
  for (let n = 0; n < LEDGER_ENTRIES; n += 1_000) {
    await client.batchChargeUsage({
      requests: Array.from({ length: 1_000 }, (_, i) => aCharge(`past-${n + i}`)),
    })
  }
}

async function survives(name: AttackName): Promise<void> {
  const atRest = await bytesInUse()
  attacker = startAttacker(name, { address: server.address, tokens: TOKENS }, ATTACK_MS)
  let isOver = false
  const did = attacker.did.finally(() => {
    isOver = true
  })
  did.catch(() => undefined)
  const times = await chargeUntil(name, async () => isOver)
  const endedMs = performance.now()
  // Garbage is collected while the server works.
  await chargeUntil(
    `after ${name}`,
    async () => (await bytesInUse()) < atRest + LEFT_BYTES_MAX,
    BACK_WITHIN_MS,
  )
  const backMs = performance.now() - endedMs
  const { peak } = memoryOf(server.pid)
  process.stderr.write(
    `${name} (${await did}): ${times.length} charges, the slowest ${Math.round(Math.max(...times))} ms; ` +
      `memory at most ${mib(peak)} MiB so far, in use before ${mib(atRest)} and ${Math.round(backMs / 1_000)} s later ${mib(await bytesInUse())}\n`,
  )
  expect(times.length).toBeGreaterThan(5)
  expect(Math.max(...times)).toBeLessThan(CHARGE_MS_MAX)
  expect(peak).toBeLessThan(MEMORY_BYTES_MAX)
  expect(backMs).toBeLessThan(BACK_WITHIN_MS)
}

/** Charges one call after the other, each on a connection that is seldom old. Resolves to their times, in ms. */
async function chargeUntil(
  name: string,
  isOver: () => Promise<boolean>,
  msMax = Number.POSITIVE_INFINITY,
): Promise<number[]> {
  const untilMs = performance.now() + msMax
  const times: number[] = []
  let client = connect(TOKENS.gateway)
  try {
    while (!(await isOver()) && performance.now() < untilMs) {
      const startedMs = performance.now()
      const charge = aCharge(`${name.replaceAll(' ', '-')}-${times.length}`)
      await client.chargeUsage(charge, { timeoutMs: 2 * CHARGE_MS_MAX })
      times.push(performance.now() - startedMs)
      if (times.length % CHARGES_PER_CONNECTION === 0) {
        client.close()
        client = connect(TOKENS.gateway)
      }
      await sleep(PAUSE_MS)
    }
  } finally {
    client.close()
  }
  return times
}

/** Memory of the server's objects and buffers, garbage included. */
async function bytesInUse(): Promise<number> {
  const page = await (await fetch(`${server.metricsUrl}/metrics`)).text()
  const read = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(page)?.[1])
  return read('nodejs_heap_size_used_bytes') + read('nodejs_external_memory_bytes')
}

function mib(bytes: number): number {
  return Math.round(bytes / 2 ** 20)
}
