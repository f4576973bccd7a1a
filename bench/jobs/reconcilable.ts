import { readConfig } from '../../src/config/config'
import { type ConnectionSettings, type Database, openDatabase } from '../../src/database/database'
import { PriceBook } from '../../src/pricing/priceBook'

/** What a reconciliation needs. */
export interface Readable {
  database: Database
  prices: PriceBook
}

/** Runs some work with the database and prices that a server has. */
export async function withReadable<T>(
  connection: ConnectionSettings,
  work: (readable: Readable) => Promise<T>,
): Promise<T> {
  const config = readConfig({})
  const database = openDatabase(connection, {
    poolSizeMax: config.databasePoolSizeMax,
    onIdleError: () => undefined,
  })
  const { prices: settings, quoteValidityMs } = config
  const prices = new PriceBook(database, { ...settings, quoteValidityMs }, () => new Date())
  try {
    await prices.start()
    return await work({ database, prices })
  } finally {
    await prices.stop()
    await database.close()
  }
}
