import { BillingError } from '../errors'
import type { Hold, HoldState } from '../ledger/hold'

export type LiveHold = Hold & { status: Exclude<HoldState, { state: 'settled' }> }

/** The hold, if it is still there to be changed by the connection of this epoch. */
export function liveHoldOf(hold: Hold | undefined, epoch: number | undefined): LiveHold | BillingError {
  if (hold === undefined) return new BillingError('HOLD_NOT_FOUND', 'there is no such hold')
  if (isSettled(hold))
    return fenced('the stream was settled; open it again with the same key for its receipt')
  if (epoch !== undefined && hold.epoch !== epoch)
    return fenced('another connection has taken this stream over')
  return hold as LiveHold
}

function isSettled(hold: Hold): boolean {
  return hold.status.state === 'settled'
}

function fenced(message: string): BillingError {
  return new BillingError('STREAM_FENCED', message)
}
