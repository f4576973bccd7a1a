import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { entriesOf, userOf, whatIsWrong } from '../../../test/support/ledger'
import { type ServerProcess, startServerProcess } from '../../../test/support/serverProcess'
import { type TestDatabase, testDatabase, urlOf } from '../../../test/support/testDatabase'
import { INPUT_NANOUSD, MODEL, OTHER_MODEL, OUTPUT_NANOUSD, TIER } from '../prices'
import type { StreamOpen, UsageCounts } from '../protocol'

/** What a scenario left on the ledger of one user. */
export interface OnLedger {
  chargedNanousd: bigint
  charges: number
  failuresNanousd: bigint
  heldNanousd: bigint
  /** By Reconcile's walk and by sums in SQL. */
  wrong: string[]
}

/** The real server on a database of its own; it can be killed, replaced and stopped where it is. */
export class World {
  readonly #database: TestDatabase
  readonly #folder: string
  #server: ServerProcess | undefined

  static async start(): Promise<World> {
    const world = new World(await testDatabase(), await mkdtemp(join(tmpdir(), 'tollgate-conformance-')))
    await world.startServer()
    // In force before anything that a driver may date.
    const effectiveFrom = { seconds: Math.floor(Date.now() / 1_000) - 3_600 }
    const { client } = world.#running
    const rateCards = [{ serviceTier: TIER, ...ratesTimes(2n) }, ratesTimes(1n)]
    await client.putPrice({ model: MODEL, rateCards, effectiveFrom })
    await client.putPrice({ model: OTHER_MODEL, rateCards: [ratesTimes(3n)], effectiveFrom })
    return world
  }

  private constructor(database: TestDatabase, folder: string) {
    this.#database = database
    this.#folder = folder
  }

  get port(): number | undefined {
    return this.#server && Number(this.#server.address.split(':')[1])
  }

  /** A folder that no other run has. */
  folder(name: string): Promise<string> {
    return mkdtemp(join(this.#folder, `${name}-`))
  }

  async startServer(): Promise<void> {
    this.#server ??= await this.#startProcess()
  }

  async killServer(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    await server?.kill()
  }

  /** What connects from now on reaches another server; the one before it drains. */
  async replaceServer(): Promise<void> {
    const before = this.#running
    this.#server = await this.#startProcess()
    await before.stop()
  }

  /** Stops the server where it is; its sockets stay open. */
  hang(): void {
    this.#running.pause()
  }

  wakeUpIfHung(): void {
    this.#server?.wakeUp()
  }

  async givenUser(userId: string, creditsNanousd: bigint): Promise<void> {
    const { client } = this.#running
    await client.createUser({ userId })
    await client.grantCredits({
      ...{ userId, idempotencyKey: 'credits', pot: 'POT_CREDITS', amountNanousd: `${creditsNanousd}` },
    })
  }

  /** The validity of every live stream of these users passes, and the server settles them. */
  async expireHolds(userIds: readonly string[]): Promise<void> {
    const { kysely } = this.#database
    for (;;) {
      const { numUpdatedRows } = await kysely
        .updateTable('holds')
        .set({ expires_at: sql`clock_timestamp() - interval '1 second'` })
        .where('state', '<>', 'settled')
        .where('user_id', 'in', userIds)
        .executeTakeFirst()
      if (numUpdatedRows === 0n) return
      await sleep(200)
    }
  }

  /** Another gateway takes a stream over, and closes it. */
  async takeOver(open: StreamOpen, usage: UsageCounts): Promise<void> {
    const stream = this.#running.client.streamSettle()
    stream.open(open)
    for await (const { grant, settled } of stream.events) {
      if (grant) stream.close({ sequence: 1_000_000, usage, end: 'STREAM_END_COMPLETED' })
      if (settled) return
    }
  }

  /** What is there once nothing is held any more. */
  async ledgerOf(userId: string): Promise<OnLedger> {
    for (let tries = 0; tries < 50; tries++) {
      if ((await userOf(this.#database, userId)).heldNanousd === 0n) break
      await sleep(100)
    }
    const posted = (await entriesOf(this.#database, userId)).filter(({ charge }) => charge !== undefined)
    const { failures } = await this.#running.client.listDeductionFailures({ userId })
    return {
      chargedNanousd: posted.reduce(
        (sum, entry) => sum - entry.allowanceDeltaNanousd - entry.creditsDeltaNanousd,
        0n,
      ),
      charges: posted.filter(({ kind }) => kind !== 'adjustment').length,
      failuresNanousd: failures.reduce((sum, { amountNanousd }) => sum + BigInt(amountNanousd), 0n),
      heldNanousd: (await userOf(this.#database, userId)).heldNanousd,
      wrong: await whatIsWrong(this.#database, userId),
    }
  }

  async stop(): Promise<void> {
    await this.killServer()
    await this.#database.drop()
    await rm(this.#folder, { recursive: true, force: true })
  }

  get #running(): ServerProcess {
    if (this.#server === undefined) throw new Error('the scenario has killed the server')
    return this.#server
  }

  #startProcess(): Promise<ServerProcess> {
    return startServerProcess({
      DATABASE_URL: urlOf(this.#database.connection),
      TOLLGATE_DATA_DIR: this.#folder,
      // A server that has just started settles no hold before one validity is over.
      TOLLGATE_STREAM_VALIDITY_SECONDS: '6',
      TOLLGATE_STREAM_FIRST_STRETCH_TOKENS: '100',
      TOLLGATE_STREAM_RECORD_SECONDS: '1',
      TOLLGATE_STREAM_SWEEP_SECONDS: '1',
      TOLLGATE_DRAIN_GRACE_SECONDS: '10',
    })
  }
}

function ratesTimes(factor: bigint) {
  const rate = (meter: 'METER_INPUT_TOKENS' | 'METER_OUTPUT_TOKENS', nanousd: bigint) => ({
    meter,
    priceNanousd: `${nanousd * factor}000000`,
    per: '1000000',
  })
  return {
    rates: [rate('METER_INPUT_TOKENS', INPUT_NANOUSD), rate('METER_OUTPUT_TOKENS', OUTPUT_NANOUSD)],
  }
}
