import type { ConnectionSettings } from '../database/database'
import { databaseErrorKind } from '../database/errors'
import { type BackendId, LedgerConnection } from '../database/ledger/connection'
import type { LedgerEntry } from '../domain/ledger/entry'
import { reportRewind } from '../observability/databaseRewind'
import { log } from '../observability/log'
import type { DatabaseClock } from './databaseClock'
import { databaseUnavailable } from './laneErrors'

/** The one connection of a lane. It is opened on demand, and closed when it can't be trusted. */
export class LaneConnection {
  readonly #settings: ConnectionSettings
  readonly #clock: DatabaseClock
  #connection: LedgerConnection | undefined
  /** A server process that may still commit its last batch. Nothing is decided until it is gone. */
  #suspect: BackendId | undefined
  /** The last entry that was acknowledged: a database that lacks it has lost writes. */
  #lastPosted: Pick<LedgerEntry, 'userId' | 'version' | 'hash'> | undefined

  constructor({ connection, clock }: { connection: ConnectionSettings; clock: DatabaseClock }) {
    this.#settings = connection
    this.#clock = clock
  }

  /** @throws BillingError DATABASE_UNAVAILABLE */
  async get(): Promise<LedgerConnection> {
    if (this.#connection !== undefined && !this.#connection.broken) return this.#connection
    const connection = await this.#open()
    try {
      await this.#endSuspect(connection)
      await this.#checkLastPosted(connection)
    } catch (error) {
      await connection.close()
      throw databaseUnavailable(error)
    }
    this.#clock.observe(connection.connectedAt)
    this.#connection = connection
    return connection
  }

  async #endSuspect(connection: LedgerConnection): Promise<void> {
    if (this.#suspect === undefined) return
    if (!(await connection.endBackend(this.#suspect)))
      throw new Error('a lost connection may still be committing')
    this.#suspect = undefined
  }

  posted({ userId, version, hash }: LedgerEntry): void {
    this.#lastPosted = { userId, version, hash }
  }

  async #checkLastPosted(connection: LedgerConnection): Promise<void> {
    const last = this.#lastPosted
    if (last === undefined) return
    const hash = await connection.entryHash(last)
    this.#lastPosted = undefined
    if (hash?.equals(last.hash) !== true) reportRewind('the last entry that this process wrote is gone')
  }

  async #open(): Promise<LedgerConnection> {
    try {
      return await LedgerConnection.open(this.#settings)
    } catch (error) {
      throw databaseUnavailable(error)
    }
  }

  /** After a failed attempt, rolls the connection back, or closes it if it can't be trusted. */
  async leave(connection: LedgerConnection, error: unknown): Promise<void> {
    const kind = databaseErrorKind(error)
    if (kind !== 'disconnected' && !connection.broken) {
      try {
        await connection.rollback()
        return
      } catch (rollbackError) {
        log.warn({ err: rollbackError }, 'rollback failed; the connection is given up')
      }
    }
    this.#suspect = connection.backend
    this.#connection = undefined
    await connection.close()
  }

  async close(): Promise<void> {
    await this.#connection?.close()
  }
}
