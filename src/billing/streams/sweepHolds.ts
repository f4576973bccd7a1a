import { type ExpiryCursor, listExpiredHolds } from '../../database/holds/holds'
import { TOLLGATE } from '../../domain/ledger/actor'
import type { Hold } from '../../domain/ledger/hold'
import { log } from '../../observability/log'
import { Poller } from '../../timing/poller'
import type { Billing } from '../billing'
import { isMoved } from './freshHold'
import { settle } from './streamPostings'

/** How many holds are read and settled at a time. */
const PAGE_SIZE = 200

/**
 * Settles every hold that has expired by the database's clock, at its last recorded progress. Any
 * number of replicas may do so at once: if a hold was reported to, taken over or settled meanwhile,
 * its settlement is refused and the sweep skips it.
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
      actor: TOLLGATE,
      ending: { usage: hold.usage, usageSource: 'unspecified', end: 'unspecified' },
      settledBy: {
        by: 'expiry',
        sequence: hold.sequence,
        amendableForMs: billing.streams.amendableForMs,
      },
    })
    return true
  } catch (error) {
    // A hold that moved belongs to the connection that moved it, and the next sweep checks it
    // again. Any other error concerns only this hold.
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
 * Sweeps at an interval. It settles nothing until one validity has passed since this process last
 * found the database unreachable, because streams may have been unable to report until then.
 */
export class HoldSweeper {
  readonly #billing: Billing
  readonly #nowMs: () => number
  #unreachableAtMs: number
  readonly #poller: Poller

  constructor(billing: Billing, nowMs: () => number) {
    this.#billing = billing
    this.#nowMs = nowMs
    // The database may have been unreachable until now: server and database often restart together.
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

/** While nothing may be settled, this small read still tests whether the database answers. */
const PROBE = { after: undefined, limit: 1 }
