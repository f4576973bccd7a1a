import { startEmbeddedPostgres } from '../../src/database/embedded/start'

// Runs the embedded Postgres of a data folder until it is killed: `node fromSource.js test/support/embeddedElsewhere <folder>`.
void startEmbeddedPostgres({ dataDir: process.argv[2] ?? '' }).then(() => process.stdout.write('ready\n'))
