import { Client } from 'pg'
import type { ConnectionSettings } from '../../src/database/database'
import { floorStatement } from '../floorSql'
import { nextKey } from '../keys'
import { type Load, type Measured, underLoad } from '../load'
import { type UserChoice, userChooser } from '../users'

/** Runs the floor's single statement through pg, prepared, one at a time. */
export async function statementLoad({
  connection,
  users,
  load,
}: {
  connection: ConnectionSettings
  users: UserChoice
  load: Omit<Load, 'inFlight'>
}): Promise<Measured> {
  const client = new Client({ ...connection })
  await client.connect()
  const nextUser = userChooser(users)
  const query = { name: 'floor', text: floorStatement({ user: '$1', key: '$2' }) }
  try {
    return await underLoad(() => client.query({ ...query, values: [nextUser(), nextKey()] }), {
      ...load,
      inFlight: 1,
    })
  } finally {
    await client.end()
  }
}
