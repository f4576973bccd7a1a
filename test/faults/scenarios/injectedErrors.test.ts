import { type Kysely, sql } from 'kysely'
import type { Schema } from '../../../src/database/schema'
import { conclude } from '../../support/faults/figures'
import { Load } from '../../support/faults/load'
import { sendings } from '../../support/faults/operations'
import { SCENARIO_MS_MAX, SEED, sized } from '../../support/faults/size'
import { TestBook } from '../../support/faults/testBook'
import { Randomness } from '../../support/randomness'
import { startTestServer } from '../../support/server'

// Postgres aborts three of ten transactions, as under the worst contention.

const USER_IDS = ['hot', 'ada', 'bob', 'carol', 'dora', 'emil']
const ABORTED_PERCENT = 30
const ANSWERS = sized({ bounded: 400, full: 8_000 })

test(
  'with three of ten transactions aborted, everything happens once',
  async () => {
    const startedMs = performance.now()
    const random = new Randomness(`${SEED} aborted`)
    const server = await startTestServer({ withCatalog: true, streams: { validityMs: 3_600_000 } })
    const { client, database } = server
    try {
      const book = new TestBook(USER_IDS)
      await book.fund(client)
      await abortAtRandom(database.kysely)
      const load = new Load({
        ...{ book, random, clients: () => [client] },
        sendings: sendings(random, { userIds: USER_IDS, name: 'abort' }),
      })
      await load.answers(ANSWERS)
      await load.stop()
      const { rows } = await sql<{ begun: bigint; conflicts: bigint; deadlocks: bigint }>`
        select begun.last_value as begun, conflicts.last_value as conflicts, deadlocks.last_value as deadlocks
        from faults_begun begun, faults_conflicts conflicts, faults_deadlocks deadlocks
      `.execute(database.kysely)
      const { begun = 0n, conflicts = 0n, deadlocks = 0n } = rows[0] ?? {}
      await sql`drop trigger abort_at_random on ledger_entries`.execute(database.kysely)
      const audit = await book.audit(client)
      conclude('transactions aborted', {
        startedMs,
        faults: {
          'serialization failures': Number(conflicts),
          deadlocks: Number(deadlocks),
        },
        audit,
      })
      expect(audit.refunds).toBeGreaterThan(0)
      expect(audit.collected).toBeGreaterThan(0)
      expect(Number((conflicts + deadlocks) * 100n) / Number(begun)).toBeGreaterThan(ABORTED_PERCENT / 2)
    } finally {
      await server.stop()
    }
  },
  SCENARIO_MS_MAX,
)

/** Fires once for each transaction of the ledger. A sequence keeps its value when a transaction is rolled back. */
async function abortAtRandom(kysely: Kysely<Schema>): Promise<void> {
  const seed = sql.lit(SEED)
  const threshold = sql.lit(ABORTED_PERCENT)
  for (const statement of [
    sql`create sequence faults_begun`,
    sql`create sequence faults_conflicts minvalue 0`,
    sql`create sequence faults_deadlocks minvalue 0`,
    sql`select nextval('faults_conflicts'), nextval('faults_deadlocks')`,
    sql`
      create function abort_at_random() returns trigger language plpgsql as $$
      declare die bigint := abs(hashtextextended(${seed} || nextval('faults_begun'), 0)::numeric);
      begin
        if die % 100 >= ${threshold} then return null; end if;
        if die % 2 = 0 then
          perform nextval('faults_conflicts');
          raise exception 'made to fail' using errcode = '40001';
        end if;
        perform nextval('faults_deadlocks');
        raise exception 'made to fail' using errcode = '40P01';
      end $$`,
    sql`
      create trigger abort_at_random before insert on ledger_entries
      for each statement execute function abort_at_random()`,
  ])
    await statement.execute(kysely)
}
