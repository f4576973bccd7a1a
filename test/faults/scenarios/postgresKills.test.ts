import { setTimeout as sleep } from 'node:timers/promises'
import { conclude } from '../../support/faults/figures'
import { Load } from '../../support/faults/load'
import { sendings } from '../../support/faults/operations'
import { OwnPostgres } from '../../support/faults/ownPostgres'
import { Replicas } from '../../support/faults/replicas'
import { SCENARIO_MS_MAX, SEED, sized } from '../../support/faults/size'
import { TestBook } from '../../support/faults/testBook'
import { Randomness } from '../../support/randomness'

// Postgres is killed at random moments, while charges, batches, grants and streams continue.

const USER_IDS = ['hot', 'ada', 'bob', 'carol', 'dora', 'emil']
const POSTGRES_KILLS = sized({ bounded: 3, full: 60 })

test(
  'a Postgres that is killed again and again loses nothing that was answered',
  async () => {
    const startedMs = performance.now()
    const random = new Randomness(`${SEED} postgres`)
    const postgres = await OwnPostgres.create()
    const replicas = new Replicas(postgres.connection)
    const faults = { 'postmaster kills': 0, 'immediate stops': 0, 'backend kills': 0 }
    try {
      await replicas.start('left')
      const book = new TestBook(USER_IDS)
      await book.fund(replicas.get('left').client)
      const load = new Load({
        ...{ book, random, clients: () => replicas.clients, pauseMs: 10 },
        sendings: sendings(random, { userIds: USER_IDS, name: 'kill' }),
      })
      for (let kill = 0; kill < POSTGRES_KILLS; kill++) {
        await load.answers(50 + random.below(200))
        switch (kill % 3) {
          case 0:
            faults['postmaster kills']++
            await postgres.kill('SIGKILL')
            break
          case 1:
            faults['immediate stops']++
            await postgres.kill('SIGQUIT')
            break
          default:
            faults['backend kills']++
            await killABackend(postgres, random)
            continue
        }
        await sleep(random.below(300))
        await postgres.start()
      }
      await load.answers(50)
      await load.stop()
      const audit = await book.audit(replicas.get('left').client)
      conclude('Postgres killed', { startedMs, faults, audit })
    } finally {
      await replicas.remove()
      await postgres.remove()
    }
  },
  SCENARIO_MS_MAX,
)

/** The process id of a backend that runs the ledger's transactions. */
async function killABackend(postgres: OwnPostgres, random: Randomness): Promise<void> {
  for (;;) {
    const rows = await postgres.query(
      "select pid from pg_stat_activity where application_name = 'tollgate ledger'",
    )
    if (rows.length > 0) return postgres.killBackend(Number(random.oneOf(rows)['pid']))
    // They come back after the last kill.
    await sleep(50)
  }
}
