import { connect } from 'node:http2'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TollgateClient } from '../../clients/node/src/connect'
import { TollgateError } from '../../clients/node/src/errors'
import { type Database, openDatabase } from '../../src/database/database'
import { MIGRATION_NEEDED } from '../../src/database/schemaVersion'
import { whatIsWrong } from '../support/ledger'
import { expandForALaterRelease, MIGRATIONS, migrateUpTo, recordLaterMigration } from '../support/schemas'
import { type ServerProcess, startServerProcess } from '../support/serverProcess'
import { TestStream } from '../support/streamClients'
import { emptyDatabase, urlOf } from '../support/testDatabase'

// During a rollout or rollback, this release runs on the schema of the release before (the least that it needs) and on that of
// the release after.

const USER = 'ada'
const PRICE = { priceNanousd: '1000000000', per: '1000000' }

let empty: Awaited<ReturnType<typeof emptyDatabase>>
let database: Database
let servers: ServerProcess[]

beforeEach(async () => {
  empty = await emptyDatabase()
  database = openDatabase(empty.connection, { poolSizeMax: 2, onIdleError: () => undefined })
  servers = []
})

afterEach(async () => {
  for (const server of servers) await server.kill()
  await database.close()
  await empty.drop()
})

async function start(environment: Record<string, string> = {}): Promise<ServerProcess> {
  const server = await startServerProcess({ DATABASE_URL: urlOf(empty.connection), ...environment })
  servers.push(server)
  return server
}

const NOT_MIGRATING = { TOLLGATE_MIGRATE: 'off' }

test('it runs on the least schema that it says it needs', async () => {
  await migrateUpTo(empty.connection, MIGRATION_NEEDED)
  const { client } = await start(NOT_MIGRATING)
  await prepare(client)
  await useEverything(client, 'a')
  await expectRightBooks(client)
})

test('it runs on a schema that a later release has expanded, whether it may migrate or not', async () => {
  const migrating = await start()
  await expandForALaterRelease(empty.connection)
  const migratingAgain = await start()
  const not = await start(NOT_MIGRATING)
  await prepare(migrating.client)
  for (const [index, { client }] of [migrating, migratingAgain, not].entries())
    await useEverything(client, `server-${index}`)
  await expectRightBooks(not.client)
})

test('a server under load keeps serving through the migrations of this release and the next, and charges once', async () => {
  await migrateUpTo(empty.connection, MIGRATION_NEEDED)
  const before = await start(NOT_MIGRATING)
  await prepare(before.client)
  await useEverything(before.client, 'before')
  const stream = await new TestStream(before.client, openOf('rolled')).granted()
  stream.progress(1, 20, 1_000)

  let rolledOut = false
  let charged = 0
  const load = Array.from({ length: 8 }, async (_, worker) => {
    for (let n = 0; !rolledOut; n++) {
      await chargeUntilTaken(before.client, `load-${worker}-${n}`)
      charged += 1
    }
  })
  await untilMoreThan(50, () => charged)
  const after = await start()
  await expandForALaterRelease(empty.connection)
  const chargedThen = charged
  await untilMoreThan(chargedThen + 50, () => charged)
  rolledOut = true
  await Promise.all(load)

  // Statements that were prepared before the columns were added.
  await useEverything(before.client, 'still')
  await useEverything(after.client, 'after')
  const resumed = await new TestStream(after.client, openOf('rolled')).granted()
  resumed.close({ inputTokens: 1_000, outputTokens: 30 })
  expect((await resumed.settled()).charge?.amountNanousd).toBe('1030000')
  const { rows } = await countLoad()
  expect(rows).toBe(charged)
  await expectRightBooks(before.client)
}, 60_000)

test.each([['on'], ['off']])(
  'a schema that is too new is reported with what to do, with TOLLGATE_MIGRATE=%s',
  async (migrates) => {
    await migrateUpTo(empty.connection, MIGRATIONS.at(-1) ?? '')
    await recordLaterMigration(empty.connection, '9000_users_drop_tier.needs-99.0.0')
    await expect(start({ TOLLGATE_MIGRATE: migrates })).rejects.toThrow(
      /ended with 2:[\s\S]*schema is too new.*9000_users_drop_tier[\s\S]*Run 99\.0\.0 or newer/,
    )
  },
)

test('a contraction for earlier releases does not matter', async () => {
  await migrateUpTo(empty.connection, MIGRATIONS.at(-1) ?? '')
  await recordLaterMigration(empty.connection, '9000_users_drop_old.needs-0.1.0')
  const { client } = await start()
  expect(await client.listUsers({})).toBeDefined()
})

test('a schema that is too old is reported with what to do, if serve may not migrate', async () => {
  const last = MIGRATIONS[MIGRATIONS.indexOf(MIGRATION_NEEDED) - 1] ?? ''
  await migrateUpTo(empty.connection, last)
  await expect(start(NOT_MIGRATING)).rejects.toThrow(
    new RegExp(
      `ended with 2:[\\s\\S]*too old: it has ${last}.*needs ${MIGRATION_NEEDED}\\. Run .tollgate migrate`,
    ),
  )
  await expect(start()).resolves.toBeDefined()
})

test('a connection ends at its maximum age, so that clients find new replicas, and no call fails because of it', async () => {
  const { client, address } = await start({
    TOLLGATE_CONNECTION_AGE_SECONDS_MAX: '1',
    TOLLGATE_CONNECTION_GRACE_SECONDS: '1',
  })
  await prepare(client)
  let told = 0
  const watching = (async () => {
    for (; told < 2; told++) await untilToldToGo(address)
  })()
  const usage = { inputTokens: '1' }
  let charged = 0
  while (told < 2) {
    const calls = [1, 2, 3, 4].map((n) =>
      client.chargeUsage({ userId: USER, idempotencyKey: `aged-${charged}-${n}`, model: 'm', usage }),
    )
    charged += (await Promise.all(calls)).length
  }
  await watching
  const { balance } = (await client.getUser({ userId: USER })).user ?? {}
  expect(balance?.availableNanousd).toBe(String(900_005_000_000 - charged * 1_000))
})

/** A user with credits, and a model. */
async function prepare(client: TollgateClient): Promise<void> {
  await client.createUser({ userId: USER })
  await client.grantCredits({
    userId: USER,
    idempotencyKey: 'first',
    pot: 'POT_CREDITS',
    amountNanousd: '900000000000',
  })
  await client.grantCredits({
    userId: USER,
    idempotencyKey: 'second',
    pot: 'POT_ALLOWANCE',
    amountNanousd: '5000000',
  })
  await putPrice(client, 'm')
}

/** Every table is written and read. */
async function useEverything(client: TollgateClient, tag: string): Promise<void> {
  const model = `m-${tag}`
  await putPrice(client, model)
  await client.endPrice({ model })
  await putPrice(client, model)
  await client.putAlias({ alias: `alias-${tag}`, model })
  await client.createUser({ userId: `user-${tag}` })
  await client.importPrices({ format: 'openrouter', json: listWith(tag, '0.000001') })
  // Held back, because it moves by more than half.
  await client.importPrices({ format: 'openrouter', json: listWith(tag, '0.000009') })
  const { changes } = await client.listPriceChanges({})
  const change = changes.find(({ after }) => after?.model.includes(tag))
  expect(change).toBeDefined()
  await client.decidePriceChange({ changeId: change?.changeId ?? '', approve: true })

  const { quoteId } = await client.priceQuote({ userId: USER, model: 'm', usage: { inputTokens: '1' } })
  const call = { userId: USER, model: 'm', usage: { inputTokens: '1000', outputTokens: '10' } }
  const { charge } = await client.chargeUsage({ ...call, idempotencyKey: `charge-${tag}`, quoteId })
  expect(charge).toMatchObject({ status: 'CHARGE_STATUS_DEDUCTED', amountNanousd: '1010000' })
  const again = await client.chargeUsage({ ...call, idempotencyKey: `charge-${tag}`, quoteId })
  expect(again).toEqual({ charge, replayed: true })
  const found = await client.getCharge({ userId: USER, idempotencyKey: `charge-${tag}` })
  expect(found.charge).toEqual(charge)
  const { results } = await client.batchChargeUsage({
    requests: [1, 2, 3].map((n) => ({ ...call, model: `alias-${tag}`, idempotencyKey: `batch-${tag}-${n}` })),
  })
  expect(results.map(({ error }) => error ?? undefined)).toEqual([undefined, undefined, undefined])
  // The user has no credits for it, so it becomes a deduction failure.
  const unpaid = client.chargeUsage({ ...call, userId: `user-${tag}`, idempotencyKey: `unpaid-${tag}` })
  await expect(unpaid).rejects.toMatchObject({ reason: 'INSUFFICIENT_CREDITS' })
  const { failures } = await client.listDeductionFailures({ userId: `user-${tag}` })
  expect(failures).toHaveLength(1)

  const stream = await new TestStream(client, openOf(`stream-${tag}`)).granted()
  stream.progress(1, 900, 1_000)
  await stream.until(({ grants }) => grants.length > 1)
  const { holds } = await client.listHolds({ userId: USER })
  expect(holds.length).toBeGreaterThan(0)
  stream.close()
  expect((await stream.settled()).charge?.amountNanousd).toBe('1900000')
  const { entries } = await client.listLedgerEntries({ userId: USER, pageSize: 1_000 })
  expect(entries.length).toBeGreaterThan(0)
  expect((await client.listPrices({ modelPrefix: model })).prices.length).toBeGreaterThan(0)
}

function untilToldToGo(address: string): Promise<void> {
  const session = connect(`http://${address}`)
  return new Promise((resolve) => {
    session.once('goaway', () => {
      session.destroy()
      resolve()
    })
  })
}

async function putPrice(client: TollgateClient, model: string): Promise<void> {
  const rates = [
    { meter: 'METER_INPUT_TOKENS' as const, ...PRICE },
    { meter: 'METER_OUTPUT_TOKENS' as const, ...PRICE },
  ]
  await client.putPrice({ model, rateCards: [{ rates }] })
}

function listWith(tag: string, rate: string): string {
  return JSON.stringify({ data: [{ id: `lists/${tag}`, pricing: { prompt: rate, completion: rate } }] })
}

function openOf(idempotencyKey: string) {
  return { userId: USER, idempotencyKey, model: 'm', inputTokens: '1000', maxOutputTokens: '100000' }
}

/** Retries the same request until it is answered, as a gateway does. */
async function chargeUntilTaken(client: TollgateClient, idempotencyKey: string): Promise<void> {
  for (;;) {
    try {
      await client.chargeUsage({ userId: USER, idempotencyKey, model: 'm', usage: { inputTokens: '1' } })
      return
    } catch (error) {
      if (!(error instanceof TollgateError)) throw error
      expect(['DATABASE_UNAVAILABLE', 'CONCURRENT_MODIFICATION', 'DEADLINE_EXCEEDED']).toContain(error.reason)
      await sleep(20)
    }
  }
}

async function untilMoreThan(count: number, counted: () => number): Promise<void> {
  while (counted() <= count) await sleep(20)
}

async function countLoad(): Promise<{ rows: number }> {
  const { rows } = await database.kysely
    .selectFrom('ledger_entries')
    .select(({ fn }) => fn.countAll<bigint>().as('rows'))
    .where('user_id', '=', USER)
    .where('idempotency_key', 'like', 'load-%')
    .executeTakeFirstOrThrow()
  return { rows: Number(rows) }
}

async function expectRightBooks(client: TollgateClient): Promise<void> {
  expect((await client.reconcile({})).discrepancies).toEqual([])
  expect(await whatIsWrong(database, USER)).toEqual([])
}
