import type { PostgresPool, PostgresPoolClient } from 'kysely'
import type { Pool } from 'pg'
import { databaseErrorKind } from './errors'

/**
 * A pool that discards every connection of unknown state. pg itself keeps using a connection after `query_timeout`:
 * the next query would wait behind the one that the server still works on, or for ever if the server is silent.
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
