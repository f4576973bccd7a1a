import type { Nanousd } from '../money'

/** How streams run. Everything here is configurable. */
export interface StreamRules {
  /** A hold that is neither extended nor reported to for this long is settled at its last recorded progress. */
  validityMs: number
  /** Output tokens that the first grant covers. Later ones follow the stream's own rate, and are never smaller. */
  firstStretchTokens: bigint
  /** How long a stream settled by expiry may still be amended. */
  amendableForMs: number
  /** Progress is recorded at least this often. */
  recordIntervalMs: number
  /** How often expired holds are looked for. */
  sweepIntervalMs: number
  /** Connections that one process serves at once. */
  streamsMax: number
  /** A connection that sends more than this is read no faster. */
  messagesPerSecondMax: number
  /** How long streams have to move to another server when this one stops. */
  drainMs: number
}

/** What the state machine goes by. */
export type StepRules = Pick<StreamRules, 'validityMs' | 'firstStretchTokens' | 'recordIntervalMs'> & {
  /** One charge above this is a PRICE_ANOMALY: a unit slip, most likely. */
  chargeNanousdMax: Nanousd
}
