import type { Database } from '../database/database'
import type { Rules } from '../domain/decide/posting'
import type { StreamRules } from '../domain/stream/rules'
import type { LedgerEngine } from '../ledger/engine'
import type { PriceBook } from '../pricing/priceBook'
import type { Deferral } from './charges/deferral'
import type { StreamEnds } from './streams/streamEnds'

/** What every use case works with. Made once, in `compose/service.ts`. */
export interface Billing {
  database: Database
  ledger: LedgerEngine
  prices: PriceBook
  limits: BillingLimits
  /** The same ones that the ledger decides by. */
  rules: Rules
  streams: StreamRules
  streamEnds: StreamEnds
  /** Whether a grant also pays what its user owes. */
  collectsOnGrant: boolean
  /** Absent = charges are refused while the database is unreachable. */
  deferral?: Deferral
}

export interface BillingLimits {
  /** One charge above this is a PRICE_ANOMALY. */
  chargeNanousdMax: bigint
  /** Adding up spend may take no longer than this; then it is SUMMARY_TOO_LARGE. */
  summaryMsMax: number
}
