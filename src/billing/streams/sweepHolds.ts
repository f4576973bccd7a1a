import { type ExpiryCursor, listExpiredHolds } from '../../database/holds/holds'
import type { Hold } from '../../domain/ledger/hold'
import { log } from '../../observability/log'
import { Poller } from '../../timing/poller'
import type { Billing } from '../billing'
import { isMoved } from './freshHold'
import { settle } from './streamPostings'

/** Holds read, and settled together, at a time. */
const PAGE_SIZE = 200

/**
 * Settles every hold that expired, by the database's clock, at its last recorded progress. Any number of replicas may do
 * so at once: a hold that was reported to, taken over or settled meanwhile refuses, and is left alone.
 *
 * @returns how many were settled
 */
export async function sweepHolds(billing: Billing): Promise<number> {
  let settled = 0
  let after: ExpiryCursor | undefined
  for (;;) {
    const holds = await listExpiredHolds(billing.database, { after, limit: PAGE_SIZE })
    const outcomes = await Promise.all(holds.map((hold) => settleExpired(billing, hold)))
    settled += outcomes.filter(Boolean).length
    const last = holds.at(-1)
    if (last === undefined || holds.length < PAGE_SIZE) return settled
    after = last
  }
}

async function settleExpired(billing: Billing, hold: Hold): Promise<boolean> {
  try {
    await settle(billing, hold, {
      ending: { usage: hold.usage, usageSource: 'unspecified', end: 'unspecified' },
      settledBy: {
        by: 'expiry',
        sequence: hold.sequence,
        amendableForMs: billing.streams.amendableForMs,
      },
    })
    return true
  } catch (error) {
    // A hold that moved belongs to the connection that moved it; the next sweep checks it again. An error concerns this hold alone.
    if (!isMoved(error)) {
      log.error(
        { err: error, user_id: hold.userId, hold: hold.keyId },
        'an expired hold could not be settled',
      )
    }
    return false
  }
}

/**
 * Sweeps again and again. It claims nothing until one validity has passed since the database was last unreachable, as
 * far as this process knows: until then, streams may not have been able to report.
 */
export class HoldSweeper {
  readonly #billing: Billing
  readonly #nowMs: () => number
  #unreachableAtMs: number
  readonly #poller: Poller

  constructor(billing: Billing, nowMs: () => number) {
    this.#billing = billing
    this.#nowMs = nowMs
    // Before this process started, it may have been: server and database often come back together.
    this.#unreachableAtMs = nowMs()
    this.#poller = new Poller({
      name: 'expired holds',
      work: () => this.#sweep(),
      intervalMs: billing.streams.sweepIntervalMs,
    })
  }

  start(): void {
    this.#poller.start()
  }

  databaseWasUnreachable(): void {
    this.#unreachableAtMs = this.#nowMs()
  }

  stop(): Promise<void> {
    return this.#poller.stop()
  }

  async #sweep(): Promise<void> {
    const quietMs = this.#nowMs() - this.#unreachableAtMs
    try {
      if (quietMs < this.#billing.streams.validityMs) await listExpiredHolds(this.#billing.database, PROBE)
      else await sweepHolds(this.#billing)
    } catch (error) {
      this.databaseWasUnreachable()
      log.warn({ err: error }, 'expired holds could not be looked for')
    }
  }
}

/** While nothing may be claimed, whether the database answers is still to be known. */
const PROBE = { after: undefined, limit: 1 }
