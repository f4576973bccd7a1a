import type { Nanousd } from '../money'

/** What spend is added up by. */
export type SpendDimension =
  | { by: 'user' | 'model' | 'provider' | 'apiKey' | 'day' }
  /** Each budget that counted the call, so that the groups overlap. */
  | { by: 'budget' }
  /** The value of one label. */
  | { by: 'label'; label: string }

/** A sum over entries that have these values in common. */
export interface SpendGroup {
  /** One for each dimension; empty = the entries have none. */
  values: string[]
  /** Charges and settled streams. */
  calls: bigint
  /** As posted. */
  chargedNanousd: Nanousd
  /** Signed: what adjustments changed of that. */
  adjustedNanousd: Nanousd
  /** Given back. */
  refundedNanousd: Nanousd
  /** What the pots paid in all: charged + adjusted - refunded. */
  fromAllowanceNanousd: Nanousd
  fromCreditsNanousd: Nanousd
  /** What trial users did not pay. */
  forgoneNanousd: Nanousd
  inputTokens: bigint
  outputTokens: bigint
}
