import type { Database } from '../database/database'
import type { Rules } from '../domain/decide/posting'
import type { StreamRules } from '../domain/stream/rules'
import type { LedgerEngine } from '../ledger/engine'
import type { PriceBook } from '../pricing/priceBook'
import type { Deferral } from './charges/deferral'

/** What every use case works with. Made once, in `commands/serve.ts`. */
export interface Billing {
  database: Database
  ledger: LedgerEngine
  prices: PriceBook
  limits: BillingLimits
  /** The same as the ledger decides by. */
  rules: Rules
  streams: StreamRules
  /** A grant pays what its user owes. */
  collectsOnGrant: boolean
  /** Absent = charges that the database can't take are refused. */
  deferral?: Deferral
}

export interface BillingLimits {
  /** One charge above this is a PRICE_ANOMALY. */
  chargeNanousdMax: bigint
  /** Adding up spend takes no longer than this; SUMMARY_TOO_LARGE then. */
  summaryMsMax: number
}
