import { status } from '@grpc/grpc-js'
import type { Charge__Output } from '../../../../src/wire/generated/tollgate/billing/v1/Charge'
import type { StreamClose } from '../../../../src/wire/generated/tollgate/billing/v1/StreamClose'
import type { StreamOpen } from '../../../../src/wire/generated/tollgate/billing/v1/StreamOpen'
import { TollgateError } from '../errors'
import { isSettledWithout } from '../store/deliver'
import type { StopReason } from './gate'
import { forget, isKept, type MeterContext, tracked } from './meterContext'
import type { MeterSession } from './meterSession'

/** How a metered generation ended. */
export interface MeteredEnd {
  /** The receipt. Undefined where it could not be delivered yet, and is kept for later. */
  charge: Charge__Output | undefined
  /** What could not be paid, and is a deduction failure. */
  shortfallNanousd: bigint
  /** Why the generation was stopped before the provider ended it. */
  stoppedBy: StopReason | undefined
}

interface Last {
  open: StreamOpen
  close: StreamClose
  stoppedBy: StopReason | undefined
}

// With nothing on disk, this is the last chance.
const WAIT_MS_WITHOUT_STORE = 10_000

/** Sends a close until it is acknowledged, or leaves it in the store, where it is kept first. */
export function settle(context: MeterContext, session: MeterSession, last: Last): Promise<MeteredEnd> {
  return tracked(context, settled(context, session, last))
}

async function settled(context: MeterContext, session: MeterSession, last: Last): Promise<MeteredEnd> {
  const { trust, store } = context
  const { open, close, stoppedBy } = last
  const kept = await isKept(context, { open, close, endedAt: Math.floor(Date.now() / 1_000) })
  session.close(close)
  const endsAt = performance.now() + (kept ? trust.waitMs : WAIT_MS_WITHOUT_STORE)
  while (!session.isOver && session.failure === undefined && performance.now() < endsAt) {
    await session.change(endsAt - performance.now())
  }
  session.abandon()
  const { settled, failure, isOver } = session
  if (isOver && settled !== undefined) {
    // Without our end, delivering it sets it aside for an operator.
    if (kept && isSettledWithout(close, settled)) store?.release(open)
    else if (kept) await forget(context, open)
    return {
      charge: settled.charge ?? undefined,
      shortfallNanousd: BigInt(settled.shortfallNanousd ?? 0),
      stoppedBy,
    }
  }
  if (failure === undefined) trust.unreachable()
  if (!kept) throw failure ?? unreachable()
  // To deliver it later would take the stream away from the connection that has it.
  if (failure instanceof TollgateError && failure.reason === 'STREAM_FENCED') await forget(context, open)
  else store?.release(open)
  return { charge: undefined, shortfallNanousd: 0n, stoppedBy }
}

function unreachable(): TollgateError {
  return new TollgateError(
    status.UNAVAILABLE,
    'the settlement could not be delivered: the stream will expire and be charged by its last report',
  )
}
