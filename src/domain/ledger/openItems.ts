/** Open rows in the tables: streams to end, failures to collect, price changes to decide. */
export interface OpenItems {
  holds: number
  heldNanousd: bigint
  /** 0 = none. */
  oldestHoldAgeMs: number
  /** How long ago the oldest expired hold that is not settled expired. 0 = none. */
  oldestHoldOverdueMs: number
  pendingFailures: number
  pendingFailuresNanousd: bigint
  heldBackPriceChanges: number
  readAt: Date
}
