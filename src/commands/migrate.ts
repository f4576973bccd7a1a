import { Command } from 'commander'
import { checkSchema } from '../compose/checkSchema'
import { openConfiguredDatabase } from '../compose/openConfiguredDatabase'
import { readConfig } from '../config/config'
import { migrateToLatest, pendingMigrations } from '../database/migrate'

export function migrateCommand(): Command {
  return new Command('migrate')
    .description('update the database schema; serve does so by itself')
    .option('--pending', 'only list what would be applied')
    .action(async ({ pending = false }: { pending?: boolean }) => {
      const database = await openConfiguredDatabase(readConfig(process.env))
      try {
        const names = pending ? await pendingMigrations(database) : await migrateToLatest(database)
        const none = pending ? 'nothing to apply' : 'already up to date'
        process.stdout.write(`${names.length === 0 ? none : names.join('\n')}\n`)
        // A rollback to an older release should fail here rather than in each replica at its start.
        if (!pending) await checkSchema(database)
      } finally {
        await database.close()
      }
    })
}
