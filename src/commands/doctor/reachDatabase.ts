import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { openConfiguredDatabase } from '../../compose/openConfiguredDatabase'
import type { Config } from '../../config/config'
import {
  checkSession,
  type Database,
  openDatabase,
  POOLER_ADVICE,
  SessionRefused,
} from '../../database/database'
import { findBinaries } from '../../database/embedded/binaries'
import { codeOf, complaintOf, type Finding, failed, warning } from './finding'

/** Connects to the database that `serve` would use, or returns why it can't. */
export async function reachDatabase(
  config: Config,
): Promise<{ database: Database | undefined; findings: Finding[] }> {
  return config.databaseUrl === undefined ? reachEmbedded(config) : reachConfigured(config.databaseUrl)
}

async function reachConfigured(connectionString: string) {
  // pg reads the certificate files of a URL when it parses it.
  let database: Database | undefined
  try {
    database = openDatabase({ connectionString }, { poolSizeMax: 2, onIdleError: () => undefined })
    await checkSession(database)
    return { database, findings: [] }
  } catch (error) {
    await database?.close()
    const says = `the database that DATABASE_URL names does not answer: ${complaintOf(error)}`
    return { database: undefined, findings: [failed(says, adviceFor(error))] }
  }
}

/** Doctor changes nothing, so it doesn't create an embedded database. */
async function reachEmbedded(config: Config) {
  const note = warning(
    'DATABASE_URL is not set: the embedded Postgres, for trying things out',
    'Set DATABASE_URL to your own Postgres, with backups, before real money is in it.',
  )
  try {
    if (!existsSync(join(config.dataDir, 'postgres'))) {
      findBinaries(config.dataDir)
      return { database: undefined, findings: [note] }
    }
    return { database: await openConfiguredDatabase(config), findings: [note] }
  } catch (error) {
    const advice = 'Set DATABASE_URL to a Postgres of yours, or fix that.'
    return { database: undefined, findings: [failed(complaintOf(error), advice)] }
  }
}

// https://www.postgresql.org/docs/current/errcodes-appendix.html, and the codes of Node's sockets.
const ADVICE: readonly (readonly [RegExp, string])[] = [
  [
    /^ECONNREFUSED$/,
    'Nothing listens there: is Postgres running, and are host and port of DATABASE_URL right?',
  ],
  [/^(ENOTFOUND|EAI_AGAIN)$/, 'The name service of this machine does not know the host in DATABASE_URL.'],
  [/^(ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/, 'No reply: is there a firewall or a network policy in between?'],
  [/^ENOENT$/, 'A file or socket that DATABASE_URL names is not there: is Postgres running?'],
  [/^28P01$/, 'The password in DATABASE_URL is not that of the account.'],
  [
    /^28000$/,
    'The account is unknown, or pg_hba.conf does not admit it from this machine, or only over TLS.',
  ],
  [/^3D000$/, 'Create the database (`createdb`), or set another one in DATABASE_URL.'],
  [/^42501$/, 'Allow the account to connect: `grant connect on database … to …`.'],
  [/^53300$/, 'Every connection is taken: raise max_connections, or run fewer replicas.'],
  [/^57P03$/, 'It is starting, or recovering: try again soon.'],
  [
    /^(08P01|0A000)$/,
    'A pooler in between? Connect to Postgres directly: tollgate needs sessions of its own.',
  ],
  [
    /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_|CERT_|ERR_TLS_)/,
    'The certificate of the database is not trusted: give its CA with sslrootcert=… in DATABASE_URL.',
  ],
]

function adviceFor(error: unknown): string {
  if (error instanceof SessionRefused) return POOLER_ADVICE
  const code = codeOf(error)
  const found = ADVICE.find(([pattern]) => pattern.test(code))
  return found?.[1] ?? 'Check DATABASE_URL, and that the server is running and admits this account.'
}
