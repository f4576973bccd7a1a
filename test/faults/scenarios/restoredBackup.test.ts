import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { breakableNetwork } from '../../support/breakableNetwork'
import { conclude } from '../../support/faults/figures'
import { Load } from '../../support/faults/load'
import { sendings } from '../../support/faults/operations'
import { Replicas } from '../../support/faults/replicas'
import { SCENARIO_MS_MAX, SEED, sized } from '../../support/faults/size'
import { TestBook } from '../../support/faults/testBook'
import { Randomness } from '../../support/randomness'
import { testDatabase } from '../../support/testDatabase'

// The database is lost and restored from an older backup, while servers run and calls arrive.

const USER_IDS = ['hot', 'ada', 'bob', 'carol', 'dora', 'emil']
const RESTORES = sized({ bounded: 1, full: 8 })
const ANSWERS = 100
const IN_USE = '55006'

test(
  'after an older backup is restored, what waited or was in flight is deducted, and nothing twice',
  async () => {
    const startedMs = performance.now()
    const random = new Randomness(`${SEED} restored`)
    const database = await testDatabase()
    const network = await breakableNetwork(database.connection)
    const replicas = new Replicas(network.connection)
    const admin = new Client({ ...database.connection, database: 'postgres' })
    await admin.connect()
    const name = database.connection.database ?? ''
    const backup = `${name}_backup`
    try {
      const { client } = await replicas.start('left')
      const book = new TestBook(USER_IDS)
      await book.fund(client)
      // Committed and answered after the backup: it is charged again only if its client sends it again.
      const undone = new Set<string>()
      const load = new Load({
        ...{ book, random, clients: () => [client], pauseMs: 5, rules: { undone } },
        // A refund that was undone leaves room for one that is otherwise too large.
        sendings: sendings(random, { userIds: USER_IDS, name: 'call', refundsTooMuch: false }),
      })
      for (let restore = 0; restore < RESTORES; restore++) {
        await load.answers(ANSWERS)
        network.break()
        await copyDatabase(admin, name, backup)
        const saved = new Set(book.acknowledgedKeys(({ isDeferred }) => !isDeferred))
        network.restore()
        await load.answers(ANSWERS)
        // Deferred charges may have been drained into the database that is about to be lost. Of operations sent together,
        // the first may be committed while the last is in flight.
        const sent = book.sentKeys()
        network.break()
        await load.answers(ANSWERS / 2)
        for (const key of [...sent, ...book.acknowledgedKeys(({ isDeferred }) => !isDeferred)])
          if (!saved.has(key)) undone.add(key)
        await admin.query(`drop database ${name} with (force)`)
        await copyDatabase(admin, backup, name)
        await admin.query(`drop database ${backup}`)
        network.restore()
      }
      await load.answers(ANSWERS)
      await load.stop()
      const audit = await book.audit(client, { undone })
      conclude('a backup restored', { startedMs, faults: { 'backups restored': RESTORES }, audit })
      expect(audit.deferred).toBeGreaterThan(0)
      expect(audit.undone).toBeGreaterThan(0)
    } finally {
      await replicas.remove()
      network.close()
      await admin.query(`drop database if exists ${backup}`)
      await admin.end()
      await database.drop()
    }
  },
  SCENARIO_MS_MAX,
)

/** Cut connections take a moment to end. */
async function copyDatabase(admin: Client, from: string, to: string): Promise<void> {
  for (;;) {
    try {
      await admin.query(`create database ${to} template ${from}`)
      return
    } catch (error) {
      if ((error as { code?: string }).code !== IN_USE) throw error
      await sleep(50)
    }
  }
}
