import { faultyNetwork } from '../support/faultyNetwork'
import { entriesOf, givenUser, startLedger } from '../support/ledger'
import { aCharge, aGrant } from '../support/postings'
import { testDatabase } from '../support/testDatabase'

test('a server that says nothing any more is given up after a while, and the charge it may have made is found', async () => {
  const database = await testDatabase()
  const network = await faultyNetwork(database.connection)
  const ledger = await startLedger(network.connection, { laneCount: 1 })
  try {
    await givenUser(database, 'ada')
    await ledger.post(aGrant('ada', 'start', 100n))
    let hearIt: () => void = () => undefined
    const struck = network.strike({
      statement: 'swap_new_key',
      arrives: true,
      serverSide: 'left open',
      meanwhile: () =>
        new Promise<void>((resolve) => {
          hearIt = resolve
        }),
    })
    expect(await ledger.post(aCharge('ada', 'the-call', 3n))).toMatchObject({
      replayed: false,
      entry: { version: 2n },
    })
    expect(await entriesOf(database, 'ada')).toHaveLength(2)
    hearIt()
    await struck
  } finally {
    network.close()
    await ledger.drain()
    await database.drop()
  }
}, 30_000)
