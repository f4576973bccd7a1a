import type { PostgresPool, PostgresPoolClient } from 'kysely'
import type { Pool } from 'pg'
import { databaseErrorKind } from './errors'

/**
 * A pool that takes no connection back which it can't be sure of. pg gives up waiting for an answer after
 * `query_timeout` and goes on using the connection: the next query would wait behind the one that the server is still
 * working on, or for ever behind a server that is silent.
 */
export function carefulPool(pool: Pool): PostgresPool {
  return {
    connect: async () => careful(await pool.connect()),
    end: () => pool.end(),
  }
}

function careful(client: PostgresPoolClient): PostgresPoolClient {
  let isBroken = false
  const query = async (sql: string, parameters: readonly unknown[]) => {
    try {
      return await client.query(sql, parameters)
    } catch (error) {
      isBroken ||= databaseErrorKind(error) === 'disconnected'
      throw error
    }
  }
  return {
    query: query as PostgresPoolClient['query'],
    release: (destroy = false) => client.release(destroy || isBroken),
  }
}
