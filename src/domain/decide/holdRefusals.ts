import { BillingError } from '../errors'
import type { Final, Hold, HoldState } from '../ledger/hold'

/** The hold was recorded to, extended or settled since it was read. Read it and decide again. */
export class HoldMoved extends BillingError {
  constructor() {
    super('CONCURRENT_MODIFICATION', 'the stream has moved on; read it again')
  }
}

/** A limit leaves nothing to extend a hold with. */
export class ExtensionDenied extends BillingError {
  /** As the grant names it. */
  readonly limitedBy: Final

  constructor(limitedBy: Final) {
    super('INSUFFICIENT_CREDITS', 'the hold cannot be extended')
    this.limitedBy = limitedBy
  }
}

export type LiveHold = Hold & { status: Exclude<HoldState, { state: 'settled' }> }

/** The hold, where the connection of this epoch may still change it. `epoch` undefined = any connection. */
export function liveHoldOf(hold: Hold | undefined, epoch: number | undefined): LiveHold | BillingError {
  if (hold === undefined) return holdNotFound()
  if (!isLive(hold)) return fenced('the stream was settled; open it again with the same key for its receipt')
  if (epoch !== undefined && hold.epoch !== epoch)
    return fenced('another connection has taken this stream over')
  return hold
}

export function holdNotFound(): BillingError {
  return new BillingError('HOLD_NOT_FOUND', 'there is no such hold')
}

function isLive(hold: Hold): hold is LiveHold {
  return hold.status.state !== 'settled'
}

function fenced(message: string): BillingError {
  return new BillingError('STREAM_FENCED', message)
}
