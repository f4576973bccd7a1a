import { setTimeout as sleep } from 'node:timers/promises'
import { conclude } from '../../support/faults/figures'
import { Load } from '../../support/faults/load'
import { sendings } from '../../support/faults/operations'
import { Replicas } from '../../support/faults/replicas'
import { SCENARIO_MS_MAX, SEED, sized } from '../../support/faults/size'
import { TestBook } from '../../support/faults/testBook'
import { Randomness } from '../../support/randomness'
import { testDatabase } from '../../support/testDatabase'

// Servers are killed at random moments, while charges, batches, grants and streams continue.

const USER_IDS = ['hot', 'ada', 'bob', 'carol', 'dora', 'emil']
const SERVER_KILLS = sized({ bounded: 2, full: 50 })

test(
  'servers that are killed again and again lose nothing and charge nothing twice',
  async () => {
    const startedMs = performance.now()
    const random = new Randomness(`${SEED} servers`)
    const database = await testDatabase()
    const replicas = new Replicas(database.connection)
    try {
      const names = ['left', 'right']
      await Promise.all(names.map((name) => replicas.start(name)))
      const book = new TestBook(USER_IDS)
      await book.fund(replicas.get('left').client)
      const load = new Load({
        ...{ book, random, clients: () => replicas.clients, pauseMs: 10 },
        sendings: sendings(random, { userIds: USER_IDS, name: 'kill' }),
      })
      for (let kill = 0; kill < SERVER_KILLS; kill++) {
        await load.answers(20 + random.below(150))
        await sleep(random.below(10))
        const name = random.oneOf(names)
        await replicas.kill(name)
        await replicas.start(name)
      }
      await load.stop()
      const audit = await book.audit(replicas.get('left').client)
      conclude('servers killed', { startedMs, faults: { 'server kills': SERVER_KILLS }, audit })
    } finally {
      await replicas.remove()
      await database.drop()
    }
  },
  SCENARIO_MS_MAX,
)
