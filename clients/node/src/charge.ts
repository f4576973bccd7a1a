import type { Charge__Output } from '../../../src/wire/generated/tollgate/billing/v1/Charge'
import type { ChargeUsageRequest } from '../../../src/wire/generated/tollgate/billing/v1/ChargeUsageRequest'
import type { CallSettings } from './connect'
import { ClientClosedError, isListed, TollgateError } from './errors'
import { forget, isKept, type MeterContext } from './meter/meterContext'
import { isUndecided } from './retry'
import { ownRequest } from './serialise'
import { nameOf } from './store/entry'

/** What became of a charge. */
export interface ChargeOutcome {
  /** The receipt. Undefined where no server answered: the charge is in the store, and will be delivered. */
  charge: Charge__Output | undefined
  /** Whether this key had been charged before. */
  replayed: boolean
}

// With the charge on disk, there is no need to wait for long.
const TIMEOUT_MS_WITH_STORE = 5_000

/**
 * Charges a finished call. With a store, it is on disk before it is sent, so that it survives a crash of this process and
 * an outage of tollgate.
 *
 * @throws TollgateError why the charge was refused; where no server answered, only without a store, or as STORE_FULL
 */
export async function charge(
  context: MeterContext,
  given: ChargeUsageRequest,
  settings: CallSettings = {},
): Promise<ChargeOutcome> {
  const { client, store, trust } = context
  if (context.closing.aborted) throw new ClientClosedError()
  const request = ownRequest({ ...given, occurredAt: given.occurredAt ?? now() })
  const { userId = '' } = request
  const kept = await isKept(context, { charge: request })
  try {
    const { charge, replayed } = await client.chargeUsage(request, {
      ...(kept && { timeoutMs: TIMEOUT_MS_WITH_STORE }),
      ...settings,
    })
    trust.admitted(userId)
    if (kept) await forget(context, request)
    return { charge: charge ?? undefined, replayed }
  } catch (error) {
    if (isUndecided(error)) {
      if (!kept) throw store === undefined ? error : notKept(error)
      store?.release(request)
      return { charge: undefined, replayed: false }
    }
    trust.refused(userId)
    if (kept && isListed(error)) await forget(context, request)
    // The call was made, and nobody is charged for it: an operator has to look.
    else if (kept) await store?.setAside(nameOf(request)).catch(context.onProblem)
    throw error
  }
}

/** The caller has the only copy of this call. */
function notKept(cause: unknown): TollgateError {
  const { code, message } = cause as TollgateError
  return new TollgateError(
    code,
    `neither charged (${message}) nor kept: the store took nothing`,
    { reason: 'STORE_FULL', domain: 'tollgate', metadata: {} },
    { cause },
  )
}

/** To the millisecond: within this second, there may have been no price yet. */
function now(): { seconds: number; nanos: number } {
  const ms = Date.now()
  return { seconds: Math.floor(ms / 1_000), nanos: (ms % 1_000) * 1_000_000 }
}
