import { combined } from '../budget/callBudgets'
import { type ChargeEntry, isChargeEntry, type LedgerEntry } from '../ledger/entry'
import { isSameUsage, type Usage } from '../usage/usage'
import type { Amendable, Close, Settlement, Step, StreamState } from './state'

/**
 * Handles a close after the expiry. One such close may correct the settlement, as long as the
 * stream is amendable. Without usage, the last report is settled, whether it was recorded or not.
 */
export function amend(
  state: Extract<StreamState, { state: 'settled' }>,
  { sequence: _sequence, usage, unreadable, ...close }: Close,
): Step {
  const { amendable } = state
  if (amendable === undefined) return { state, effects: [] }
  const ending = { usage: usage ?? amendable.reported ?? usageOf(amendable.settlement), ...close }
  return {
    state: { state: 'amending' },
    effects: [
      {
        do: 'amend',
        settlement: amendable.settlement,
        ending,
        ...(unreadable !== undefined && { unreadable }),
      },
    ],
  }
}

/** Whether this connection heard more than was settled: it expired while its progress could not be recorded. */
export function heardMore(amendable: Amendable | undefined): boolean {
  return amendable?.reported !== undefined && !isSameUsage(amendable.reported, usageOf(amendable.settlement))
}

function usageOf({ entry }: Settlement): Usage {
  return entry.charge.usage
}

/** The whole of a stream as one entry, for its receipt. The ledger has two: the settlement and the adjustment by a late close. */
export function receiptEntryOf({ entry, adjustment }: Pick<Settlement, 'entry' | 'adjustment'>): ChargeEntry {
  if (adjustment === undefined) return entry
  const settled = entry.charge
  const added = adjustment.charge
  return {
    ...entry,
    version: adjustment.version,
    balance: adjustment.balance,
    allowanceDeltaNanousd: entry.allowanceDeltaNanousd + adjustment.allowanceDeltaNanousd,
    creditsDeltaNanousd: entry.creditsDeltaNanousd + adjustment.creditsDeltaNanousd,
    spentTodayDeltaNanousd: entry.spentTodayDeltaNanousd + adjustment.spentTodayDeltaNanousd,
    counterMoves: combined([...(entry.counterMoves ?? []), ...(adjustment.counterMoves ?? [])]),
    charge: {
      ...added,
      amountNanousd: settled.amountNanousd + added.amountNanousd,
      forgoneNanousd: settled.forgoneNanousd + added.forgoneNanousd,
      shortfallNanousd: settled.shortfallNanousd + added.shortfallNanousd,
      overDailyLimit: settled.overDailyLimit || added.overDailyLimit,
    },
  }
}

/** A receipt with what was collected later of the settlement's shortfall. */
export function withCollected(receipt: ChargeEntry, collections: readonly LedgerEntry[]): ChargeEntry {
  let { allowanceDeltaNanousd, creditsDeltaNanousd, counterMoves = [], charge } = receipt
  for (const collection of collections.filter(isChargeEntry)) {
    allowanceDeltaNanousd += collection.allowanceDeltaNanousd
    creditsDeltaNanousd += collection.creditsDeltaNanousd
    counterMoves = combined([...counterMoves, ...(collection.counterMoves ?? [])])
    charge = {
      ...charge,
      amountNanousd: charge.amountNanousd + collection.charge.amountNanousd,
      shortfallNanousd: charge.shortfallNanousd + collection.charge.shortfallNanousd,
    }
  }
  return { ...receipt, allowanceDeltaNanousd, creditsDeltaNanousd, counterMoves, charge }
}
