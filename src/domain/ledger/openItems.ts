/** What waits for somebody in the tables: streams to end, failures to be collected, price changes to be decided. */
export interface OpenItems {
  holds: number
  heldNanousd: bigint
  /** 0 = none. */
  oldestHoldAgeMs: number
  /** How long ago the first of the holds expired that nobody has settled; 0 = none. */
  oldestHoldOverdueMs: number
  pendingFailures: number
  pendingFailuresNanousd: bigint
  heldBackPriceChanges: number
  readAt: Date
}
