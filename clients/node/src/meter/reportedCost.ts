import type { StreamClose } from '../../../../src/wire/generated/tollgate/billing/v1/StreamClose'

/** What a provider says that a call cost. */
export interface ReportedCost {
  /** Nano-US-dollars, before markup. */
  nanousd: bigint
  /** Who states it, for people, such as `openrouter.usage.cost`. */
  source?: string
}

/**
 * A stated cost, as a close has it. A cost of zero is none.
 *
 * @throws TypeError for a negative cost
 */
export function reportedCostFields(
  cost: ReportedCost | undefined,
): Pick<StreamClose, 'reportedCostNanousd' | 'reportedCostSource'> {
  if (cost === undefined) return {}
  if (cost.nanousd < 0n) throw new TypeError(`reportedCost stated ${cost.nanousd}`)
  return { reportedCostNanousd: cost.nanousd.toString(), reportedCostSource: cost.source ?? '' }
}
