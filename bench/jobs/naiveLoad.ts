import { Client } from 'pg'
import type { ConnectionSettings } from '../../src/database/database'
import { nextKey } from '../keys'
import { type Load, type Measured, underLoad } from '../load'
import { userIdOf } from '../users'

const RETRIES_MAX = 3

/** The usual loop, on one user: read, compare-and-swap, insert, with three retries and a connection for each call. */
export async function naiveLoad({
  connection,
  load,
}: {
  connection: ConnectionSettings
  load: Load
}): Promise<Measured> {
  const clients = Array.from({ length: load.inFlight }, () => new Client({ ...connection }))
  try {
    await Promise.all(clients.map((client) => client.connect()))
    const idle = [...clients]
    return await underLoad(async () => {
      const client = idle.pop()
      if (client === undefined) throw new Error('more calls than connections')
      try {
        await charge(client, userIdOf(1))
      } finally {
        idle.push(client)
      }
    }, load)
  } finally {
    await Promise.all(clients.map((client) => client.end()))
  }
}

async function charge(client: Client, userId: string): Promise<void> {
  for (let retries = 0; retries <= RETRIES_MAX; retries++) {
    if (await attempt(client, userId)) return
  }
  throw new Error('ABORTED')
}

async function attempt(client: Client, userId: string): Promise<boolean> {
  const { rows } = await client.query<{ balance: bigint; version: bigint }>({
    name: 'read',
    text: 'select balance, version from bench_users where user_id = $1',
    values: [userId],
  })
  const [user] = rows
  if (user === undefined || user.balance < 1n) throw new Error('no credits')
  await client.query('begin')
  const { rowCount } = await client.query({
    name: 'swap',
    text: 'update bench_users set balance = balance - 1, version = version + 1 where user_id = $1 and version = $2',
    values: [userId, user.version],
  })
  if (rowCount === 0) {
    await client.query('rollback')
    return false
  }
  await client.query({
    name: 'insert',
    text: `insert into bench_charges (user_id, key_id, amount, balance_after, created_at)
      values ($1, md5($2)::uuid, 1, $3, now())`,
    values: [userId, nextKey(), user.balance - 1n],
  })
  await client.query('commit')
  return true
}
