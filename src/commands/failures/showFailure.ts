import type { DeductionFailure__Output } from '../../wire/generated/tollgate/billing/v1/DeductionFailure'
import { print, printable } from '../print'
import { usdOf } from '../users/showUser'

/** The outcome of one, in one line. */
export function showFailure({
  failureId,
  userId,
  amountNanousd,
  state,
  note,
  actor,
}: DeductionFailure__Output): void {
  const amount = amountNanousd === '0' ? 'what it costs' : usdOf(amountNanousd)
  const outcome =
    state === 'FAILURE_STATE_RESOLVED'
      ? `${amount} is deducted from ${printable(userId)}`
      : `${amount} of ${printable(userId)} is ${stateOf(state)}`
  const by = actor === '' ? '' : ` by ${printable(actor)}`
  print(`${failureId}: ${outcome}${by}${note === '' ? '' : ` (${printable(note)})`}`)
}

export function stateOf(state: string): string {
  return state.replace('FAILURE_STATE_', '').toLowerCase().replaceAll('_', ' ')
}
