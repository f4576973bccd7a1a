import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from '../../src/database/database'
import { migrateToLatest } from '../../src/database/migrate'
import { hashOfToken } from '../../src/rpc/server/auth'
import { aCertificate } from '../support/certificates'
import { OwnPostgres } from '../support/faults/ownPostgres'
import { operatorOf, runProgram, SCOPE_TOKENS } from '../support/program'
import { startTestServer } from '../support/server'
import { aDeferredCharge, openSpool } from '../support/spools'
import { emptyDatabase, testDatabase, urlOf } from '../support/testDatabase'

// Every look is a process of its own; on a loaded machine each takes seconds.
jest.setTimeout(120_000)

interface Finding {
  area: string
  verdict: 'ok' | 'warning' | 'failed'
  says: string
  advice?: string
}

let folder: string
/** A durable one: that of the other tests has fsync off. */
let postgres: OwnPostgres
let database: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'doctor-test-'))
  postgres = await OwnPostgres.create()
  database = urlOf(postgres.connection)
  await migrateToLatest({ connection: postgres.connection })
})

afterAll(async () => {
  await postgres?.remove()
  rmSync(folder, { recursive: true, force: true })
})

function file(name: string, content: string | Buffer, mode = 0o600): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  chmodSync(path, mode)
  return path
}

function tokensFile(name: string, scopes: readonly string[], mode?: number): string {
  const lines = scopes.map(
    (each, index) => `t${index} ${hashOfToken(`${name}${index}`).toString('hex')} ${each}\n`,
  )
  return file(name, lines.join(''), mode)
}

/** What it finds in an environment, beside what is fine everywhere. */
async function doctor(environment: Record<string, string>, args: readonly string[] = []) {
  const everywhere = {
    TOLLGATE_GRPC_PORT: '0',
    TOLLGATE_METRICS_PORT: '0',
    TOLLGATE_DATA_DIR: join(folder, 'data'),
  }
  const { code, stdout, stderr } = await runProgram(['doctor', '--json', ...args], {
    ...everywhere,
    ...environment,
  })
  expect(stderr).toBe('')
  const { findings, ...counts } = JSON.parse(stdout) as { findings: Finding[]; failed: number }
  expect(code).toBe(counts.failed > 0 ? 1 : 0)
  return {
    counts,
    text: stdout,
    of: (area: string) => findings.filter((finding) => finding.area === area),
    bad: findings
      .filter(({ verdict }) => verdict !== 'ok')
      .map(({ area, verdict, says }) => `${area} ${verdict}: ${says}`),
    advice: findings.flatMap(({ advice }) => advice ?? []).join('\n'),
  }
}

describe('on a healthy machine', () => {
  test('it finds no problem, in JSON and in lines', async () => {
    const { certificate, key } = await aCertificate('server', { untilDays: 100.5 })
    const environment = {
      DATABASE_URL: database.replace('user=postgres', 'user=serving'),
      TOLLGATE_MIGRATE: 'off',
      TOLLGATE_TOKENS_FILE: tokensFile('fine', ['gateway', 'admin,read']),
      TOLLGATE_TLS_CERT_FILE: file('fine.pem', certificate),
      TOLLGATE_TLS_KEY_FILE: file('fine.key', key),
      SENTRY_DSN: 'https://0123456789abcdef@sentry.example/4711',
    }
    await postgres.query(`create role serving login;
      grant select, insert, update on all tables in schema public to serving; grant delete on model_aliases, ledger_checkpoints, budget_counters to serving`)

    const found = await doctor(environment)
    expect([found.bad, found.counts.failed]).toEqual([[], 0])
    expect(found.of('tokens')[0]?.says).toMatch(/has 2 tokens: 1 gateway, 1 read, 1 admin$/)
    expect(
      found
        .of('TLS')
        .map(({ says }) => says)
        .join('\n'),
    ).toMatch(/valid until .*, for 100 days[\s\S]*DNS:localhost/)

    const { stdout, code } = await runProgram(['doctor'], {
      ...environment,
      TOLLGATE_GRPC_PORT: '0',
      TOLLGATE_METRICS_PORT: '0',
    })
    expect(code).toBe(0)
    expect(stdout).toMatch(/^configuration\n {2}ok {7}8 variables are set: /)
    expect(stdout).toMatch(/\n\n\d+ ok, 0 warnings, 0 failed\n$/)
    expect(stdout).not.toContain('\u001b')
  })

  test('without any variable there are warnings and no failures', async () => {
    const { counts, bad } = await doctor({})
    expect(counts.failed).toBe(0)
    expect(bad).toEqual([
      expect.stringMatching(/^database warning: DATABASE_URL is not set/),
      expect.stringMatching(/^tokens warning: no tokens/),
    ])
  })
})

describe('configuration', () => {
  test('every mistake is named by its variable, and the other checks still run', async () => {
    const { of, bad } = await doctor({
      DATABASE_URL: database,
      TOLLGATE_LANES: 'two',
      TOLLGATE_GRPC_HOST: '0.0.0.0',
      TOLLGATE_TOKENS: 'tokens',
    })
    expect(of('configuration').map(({ says }) => says)).toEqual([
      expect.stringMatching(/^TOLLGATE_LANES must be a whole number/),
      expect.stringMatching(/^TOLLGATE_GRPC_HOST is 0\.0\.0\.0/),
      'TOLLGATE_TOKENS means nothing to tollgate',
    ])
    expect(bad).toContain('database warning: not looked at: TOLLGATE_LANES')
    expect(of('schema')[0]).toMatchObject({ verdict: 'ok' })
  })

  test('a port that is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as AddressInfo
    const { bad } = await doctor({ DATABASE_URL: database, TOLLGATE_METRICS_PORT: String(port) })
    server.close()
    expect(bad).toContain(`ports warning: 127.0.0.1:${port} (metrics) is taken by a process that runs`)
  })

  test('an invalid Sentry DSN', async () => {
    const { bad } = await doctor({ DATABASE_URL: database, SENTRY_DSN: 'https://sentry.example/project' })
    expect(bad).toContain(
      "Sentry failed: SENTRY_DSN lacks its public key before the @ and the project's number at its end",
    )
  })

  test('a pod whose probes would get no answer', async () => {
    const { bad } = await doctor({ DATABASE_URL: database, KUBERNETES_SERVICE_HOST: '10.0.0.1' })
    expect(bad).toContainEqual(expect.stringMatching(/^container warning: .*\/readyz .*on 127\.0\.0\.1/))
  })
})

describe('the database', () => {
  test('that is stopped, and one that has restarted', async () => {
    const own = await OwnPostgres.create()
    const environment = { DATABASE_URL: urlOf(own.connection) }
    try {
      await own.kill('SIGQUIT')
      const stopped = await doctor(environment)
      expect(stopped.bad).toContainEqual(expect.stringMatching(/^database failed: .*does not answer: /))
      expect(stopped.advice).toMatch(/is Postgres running/)
      await own.start()
      expect((await doctor(environment)).of('database')[0]).toMatchObject({ verdict: 'ok' })
    } finally {
      await own.remove()
    }
  })

  test('with fsync off', async () => {
    const lax = await testDatabase()
    const { bad, advice } = await doctor({ DATABASE_URL: urlOf(lax.connection) })
    await lax.drop()
    expect(bad).toContainEqual(expect.stringMatching(/^database failed: fsync .*off: a crash loses/))
    expect(advice).toMatch(/Set fsync = on/)
  })

  test('with asynchronous commits, few connections and session timeouts', async () => {
    await postgres.query(`create role hasty login connection limit 11;
      alter role hasty set synchronous_commit = off; alter role hasty set idle_session_timeout = '1min'`)
    const { bad } = await doctor({ DATABASE_URL: database.replace('user=postgres', 'user=hasty') })
    expect(bad).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^database failed: synchronous_commit is off/),
        expect.stringMatching(/^database warning: idle_session_timeout ends .* 60000 ms/),
        expect.stringMatching(/^database failed: a replica takes up to 12 connections; \d+ of 11 are taken/),
      ]),
    )
  })

  test('whose schema is behind', async () => {
    const empty = await emptyDatabase()
    const environment = { DATABASE_URL: urlOf(empty.connection) }
    const off = await doctor({ ...environment, TOLLGATE_MIGRATE: 'off' })
    const on = await doctor(environment)
    await empty.drop()
    expect(off.bad).toContainEqual(
      expect.stringMatching(/^schema failed: the schema has no migration, and tollgate/),
    )
    expect(off.advice).toMatch(/Run `tollgate migrate`/)
    expect(on.of('schema')[0]?.says).toMatch(/no migration; serve applies \d+ migrations when it starts/)
  })

  test('whose account lacks privileges', async () => {
    await postgres.query('create role reader login; grant select on all tables in schema public to reader')
    const { bad } = await doctor({ DATABASE_URL: database.replace('user=postgres', 'user=reader') })
    expect(bad).toContainEqual(expect.stringMatching(/^schema failed: reader lacks .*update on users/))
  })

  test('whose clock differs', async () => {
    const clock = join(__dirname, '../support/shiftedClock.js')
    const { of } = await doctor({
      DATABASE_URL: database,
      NODE_OPTIONS: `--require ${clock}`,
      CLOCK_SHIFT_MS: '90000',
    })
    expect(of('database')).toContainEqual(
      expect.objectContaining({
        verdict: 'warning',
        says: expect.stringMatching(/clock is (89|90)\d{3} ms ahead of/),
      }),
    )
  })

  test('with pending failures and price changes', async () => {
    const waits = await testDatabase()
    const { kysely } = openDatabase(waits.connection, { poolSizeMax: 1, onIdleError: () => undefined })
    await kysely
      .insertInto('price_changes')
      .values({
        change_id: 'pc_1',
        model: 'm',
        provider: 'p',
        source: 'live',
        before_price_id: null,
        after_price: '{}',
        state: 'held-back',
        reason: 'moved',
        seen_at: new Date(),
        decided_at: null,
      })
      .execute()
    await kysely.destroy()
    const { bad } = await doctor({ DATABASE_URL: urlOf(waits.connection) })
    await waits.drop()
    expect(bad).toContain('books warning: one price change is held back; the old prices stay in force')
  })
})

describe('tokens', () => {
  const withTokens = (path: string) => doctor({ DATABASE_URL: database, TOLLGATE_TOKENS_FILE: path })

  test('a file with a mistake, which is not quoted', async () => {
    const { bad, text } = await withTokens(file('bad', 'gateway tg_this-is-the-token-itself gateway\n'))
    expect(bad).toContainEqual(
      expect.stringMatching(/^tokens failed: The tokens file .*\n {2}line 1: the second word/),
    )
    expect(text).not.toContain('tg_this')
  })

  test('that others can write to, and a network where tokens can be read', async () => {
    const { bad } = await withTokens(tokensFile('open', ['read'], 0o666))
    expect(bad).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^tokens failed: .* mode 0666: every user of this machine can add a token/),
        'tokens warning: no token may charge',
        'tokens warning: no token may create users, grant credits or set prices',
        'tokens warning: tokens travel in plain text to 0.0.0.0',
      ]),
    )
  })
})

describe('TLS', () => {
  async function withTls(certificate: Buffer, key: Buffer) {
    const { of } = await doctor({
      DATABASE_URL: database,
      TOLLGATE_TLS_CERT_FILE: file('server.pem', certificate),
      TOLLGATE_TLS_KEY_FILE: file('server.key', key),
    })
    return of('TLS').map(({ verdict, says }) => `${verdict}: ${says}`)
  }

  test('a certificate that has expired, one that soon will, and one that is not valid yet', async () => {
    const expired = await aCertificate('old', { fromDays: -30, untilDays: -2 })
    expect((await withTls(expired.certificate, expired.key))[0]).toMatch(
      /^failed: .*\(CN=old\) has expired on/,
    )
    const soon = await aCertificate('soon', { untilDays: 3 })
    expect((await withTls(soon.certificate, soon.key))[0]).toMatch(/^warning: .*expires on/)
    const later = await aCertificate('later', { fromDays: 1 })
    expect((await withTls(later.certificate, later.key))[0]).toMatch(/^failed: .*not valid before/)
  })

  test("another certificate's key, and files that are no certificate and no key", async () => {
    const [one, other] = [await aCertificate('one'), await aCertificate('other')]
    expect(await withTls(one.certificate, other.key)).toContainEqual(
      expect.stringMatching(/^failed: the key in .* is not that of the certificate/),
    )
    expect(await withTls(one.key, one.key)).toEqual([
      expect.stringMatching(/^failed: .*no certificate in PEM/),
    ])
    expect(await withTls(one.certificate, one.certificate)).toContainEqual(
      expect.stringMatching(/^failed: the key in .* can't be used/),
    )
  })
})

describe('the spool', () => {
  test('that another process holds, with charges in it', async () => {
    const dir = join(folder, 'spool')
    const spool = await openSpool(dir)
    await spool.add(aDeferredCharge('ada', 'call-1', 2_500_000n))
    const { bad } = await doctor({ DATABASE_URL: database, TOLLGATE_SPOOL_DIR: dir })
    await spool.close()
    expect(bad).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^spool warning: it belongs to process \d+ on .*, which runs/),
        expect.stringMatching(/^spool warning: one charge waits in it, \$0\.0025, since 2026-03-01T/),
      ]),
    )
    const free = await doctor({ DATABASE_URL: database, TOLLGATE_SPOOL_DIR: dir })
    expect(free.of('spool').map(({ says }) => says)).toContain('no process has it')
  })

  test('that is not a folder, and one with less space than its limit', async () => {
    const none = await doctor({ DATABASE_URL: database, TOLLGATE_SPOOL_DIR: file('no-folder', '') })
    expect(none.bad).toContainEqual(expect.stringMatching(/^spool failed: .*is no folder/))
    const full = await doctor({ DATABASE_URL: database, TOLLGATE_SPOOL_MAX_BYTES: '1000000000000' })
    expect(full.bad).toContainEqual(
      expect.stringMatching(/^spool warning: .*MB are free, and TOLLGATE_SPOOL_MAX_BYTES/),
    )
  })
})

describe('the price feed', () => {
  let feed: Server
  let answer = ''

  beforeAll(async () => {
    feed = createServer((_, response) => response.end(answer)).listen(0, '127.0.0.1')
    await new Promise((resolve) => feed.once('listening', resolve))
  })

  afterAll(() => feed.close())

  test('that is valid, that is no price list, and that is unreachable', async () => {
    const { port } = feed.address() as AddressInfo
    const look = (of: number) =>
      doctor({
        DATABASE_URL: database,
        TOLLGATE_PRICE_FEED_URL: `http://user:feed-password@127.0.0.1:${of}/?key=feed-key`,
      })
    answer = JSON.stringify({
      data: [{ id: 'acme/fed', pricing: { prompt: '0.000003', completion: '0.00001' } }],
    })
    const fine = await doctor({
      DATABASE_URL: database,
      TOLLGATE_PRICE_FEED_URL: `http://127.0.0.1:${port}/`,
    })
    expect(fine.of('prices')[0]?.says).toMatch(/sends 1 prices in \d+ ms/)
    answer = '<html></html>'
    const other = await doctor({
      DATABASE_URL: database,
      TOLLGATE_PRICE_FEED_URL: `http://127.0.0.1:${port}/`,
    })
    expect(other.bad).toContainEqual(expect.stringMatching(/^prices failed: what .* sends is not valid JSON/))
    const gone = await look(1)
    expect(gone.bad).toContainEqual(expect.stringMatching(/^prices failed: .*can't be read: /))
    for (const secret of ['feed-password', 'feed-key']) expect(gone.text).not.toContain(secret)
  })
})

describe('a running server', () => {
  test('is asked for its state and for the scopes of the token', async () => {
    const server = await startTestServer({ tokens: SCOPE_TOKENS })
    const { tollgate } = operatorOf(() => server)
    const looked = async (TOLLGATE_TOKEN: string) => {
      const { stdout } = await tollgate(['doctor', '--json'], { DATABASE_URL: database, TOLLGATE_TOKEN })
      expect(stdout).not.toContain(TOLLGATE_TOKEN)
      const { findings } = JSON.parse(stdout) as { findings: Finding[] }
      return findings
        .filter(({ area }) => area === 'server')
        .map(({ verdict, says }) => `${verdict}: ${says}`)
    }
    try {
      expect(await looked('read-token')).toEqual([
        expect.stringMatching(/^ok: the server at .* serves; it answered in \d+ ms/),
        'ok: the token may read',
        'ok: it holds back no price change',
      ])
      expect(await looked('gateway-token')).toContain("ok: the token may not read: it is a gateway's")
      expect(await looked('nonsense-token')).toContainEqual(
        expect.stringMatching(/^warning: .*\(TOKEN_UNKNOWN\)/),
      )
    } finally {
      await server.stop()
    }
  })

  test('that does not answer', async () => {
    const { bad } = await doctor({ DATABASE_URL: database }, ['--address', '127.0.0.1:1'])
    expect(bad).toContainEqual(expect.stringMatching(/^server failed: no server answers at 127\.0\.0\.1:1: /))
  })
})

test('a password is never shown, whatever the problem', async () => {
  for (const url of [
    'postgres://ada:the-pass%20word@127.0.0.1:1/db',
    'postgres://ada:the-pass%20word@127.0.0.1:x/db',
    'postgres://the-pass word@[::1/db',
    'postgres://127.0.0.1:1/db?password=the-pass%20word&sslrootcert=/the-pass',
  ]) {
    const { text } = await doctor({ DATABASE_URL: url })
    expect(text).not.toMatch(/the-pass(%20| )word/)
  }
})

test('names stay readable even if one of them is also the password', async () => {
  for (const url of [
    'postgres://tollgate:tollgate@127.0.0.1:1/books',
    'postgres://ada@127.0.0.1:1/tollgate?password=tollgate',
  ]) {
    const { advice } = await doctor({ DATABASE_URL: url })
    expect(advice).toContain('`tollgate token create')
  }
})
