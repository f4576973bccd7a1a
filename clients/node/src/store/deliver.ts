import { status } from '@grpc/grpc-js'
import type { ChargeUsageRequest } from '../../../../src/wire/generated/tollgate/billing/v1/ChargeUsageRequest'
import type { StreamClose } from '../../../../src/wire/generated/tollgate/billing/v1/StreamClose'
import type { StreamSettled__Output } from '../../../../src/wire/generated/tollgate/billing/v1/StreamSettled'
import type { TollgateClient } from '../connect'
import { isListed, TollgateError } from '../errors'
import { MeterSession } from '../meter/meterSession'
import type { StoredEnd, StoredEntry } from './entry'
import type { UndeliveredStore } from './undeliveredStore'

/** The outcome of one attempt to deliver everything. */
export interface Delivery {
  delivered: number
  /** Still there, for the next attempt. */
  waiting: number
  /** Refused for good: their files are in `refused/`. */
  refused: number
}

type Deliverer = Pick<TollgateClient, 'chargeUsage' | 'streamSettle'>

const TIMEOUT_MS_DEFAULT = 10_000
// Charges travel together, and a server takes this many streams without notice.
const CONCURRENCY = 16

/** Delivers a store whenever it is called. While it works, another call waits for the same end. */
export function delivererOf(store: UndeliveredStore, client: Deliverer): () => Promise<Delivery> {
  let running: Promise<Delivery> | undefined
  return () => {
    running ??= deliverAll(store, client).finally(() => {
      running = undefined
    })
    return running
  }
}

/**
 * Attempts each entry of a store once, and stops early where no server answers.
 *
 * @throws Error if the directory can't be read or written
 */
export async function deliverAll(
  store: UndeliveredStore,
  client: Deliverer,
  { timeoutMs = TIMEOUT_MS_DEFAULT } = {},
): Promise<Delivery> {
  const delivery = { delivered: 0, waiting: 0, refused: 0 }
  const names = await store.names()
  for (let done = 0; done < names.length; done += CONCURRENCY) {
    const outcomes = await Promise.all(
      names.slice(done, done + CONCURRENCY).map((name) => deliverFile(store, client, { name, timeoutMs })),
    )
    for (const outcome of outcomes) delivery[outcome === 'unreachable' ? 'waiting' : outcome]++
    if (outcomes.every((outcome) => outcome === 'unreachable')) {
      delivery.waiting += Math.max(0, names.length - done - CONCURRENCY)
      break
    }
  }
  return delivery
}

async function deliverFile(
  store: UndeliveredStore,
  client: Deliverer,
  { name, timeoutMs }: { name: string; timeoutMs: number },
): Promise<keyof Delivery | 'unreachable'> {
  try {
    await deliver(await store.read(name), client, timeoutMs)
  } catch (error) {
    if (isGone(error)) return 'delivered'
    if (!isFinal(error)) return isUnreachable(error) ? 'unreachable' : 'waiting'
    await store.setAside(name)
    return 'refused'
  }
  await store.remove(name)
  return 'delivered'
}

function deliver(entry: StoredEntry, client: Deliverer, timeoutMs: number): Promise<void> {
  return 'charge' in entry
    ? deliverCharge(client, entry.charge, timeoutMs)
    : deliverEnd(client, entry, timeoutMs)
}

/** Where tollgate refuses the charge but lists it as a deduction failure, it is delivered. */
async function deliverCharge(
  client: Deliverer,
  charge: ChargeUsageRequest,
  timeoutMs: number,
): Promise<void> {
  try {
    await client.chargeUsage(charge, { timeoutMs })
  } catch (error) {
    if (!isListed(error)) throw error
  }
}

/**
 * Opens the stream again and closes it. One that never opened, and can't any more, is a finished call: it is charged
 * under the same key.
 */
async function deliverEnd(client: Deliverer, stored: StoredEnd, timeoutMs: number): Promise<void> {
  const { open, close } = stored
  const session = new MeterSession(client, open)
  session.close(close)
  const endsAt = performance.now() + timeoutMs
  while (session.failure === undefined && !session.isOver && performance.now() < endsAt) {
    await session.change(endsAt - performance.now())
  }
  session.abandon()
  const { settled, failure, grant } = session
  if (session.isOver) {
    if (settled && isSettledWithout(close, settled)) throw settledWithout()
    return
  }
  if (failure === undefined) throw unreachable()
  // By now, tollgate lists the close of an open stream that it refused for one of these reasons.
  if (grant !== undefined && isListed(failure)) return
  if (!isListed(failure) && !mayBeFinished(failure)) throw failure
  await deliverCharge(client, finishedCallOf(stored), timeoutMs)
}

/** The call of a stream that never opened, at what served it. */
export function finishedCallOf({ open, close, endedAt }: StoredEnd): ChargeUsageRequest {
  const { inputTokens: _input, maxOutputTokens: _most, holdMaxOutputTokens: _whole, ...asked } = open
  const { holdSeconds: _long, ...call } = asked
  const { usage, providerUsage, usageSource, reportedCostNanousd, reportedCostSource } = close
  const { servedModel, servedProvider, servedServiceTier } = close
  return {
    ...call,
    ...(servedModel && { model: servedModel }),
    ...(servedProvider && { provider: servedProvider }),
    ...(servedServiceTier && { serviceTier: servedServiceTier }),
    occurredAt: { seconds: endedAt },
    ...(usage && { usage }),
    ...(providerUsage && { providerUsage }),
    ...(usageSource !== undefined && { usageSource }),
    ...(reportedCostNanousd !== undefined && { reportedCostNanousd }),
    ...(reportedCostSource !== undefined && { reportedCostSource }),
  }
}

/** At its expiry, or by an operator: only a close says how a stream ended, so this one was settled without ours. */
export function isSettledWithout({ end }: StreamClose, { charge }: StreamSettled__Output): boolean {
  const saysHow = end !== undefined && end !== 0 && end !== 'STREAM_END_UNSPECIFIED'
  return saysHow && charge?.end === 'STREAM_END_UNSPECIFIED' && charge.holdId !== ''
}

const FINAL: ReadonlySet<status> = new Set([
  status.INVALID_ARGUMENT,
  status.NOT_FOUND,
  status.ALREADY_EXISTS,
  status.FAILED_PRECONDITION,
])

/** No later attempt can change it, unlike an unknown token, or another connection that has the stream. */
export function isFinal(error: unknown): boolean {
  if (error instanceof SyntaxError) return true
  return error instanceof TollgateError && (FINAL.has(error.code) || error.reason === 'MESSAGE_TOO_LARGE')
}

/** Another process delivered the file. */
function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

function isUnreachable(error: unknown): boolean {
  return (
    error instanceof TollgateError &&
    error.details === undefined &&
    (error.code === status.UNAVAILABLE || error.code === status.DEADLINE_EXCEEDED)
  )
}

/** An expired quote opens no stream, but a finished call is charged; and such a charge may be what has the key. */
function mayBeFinished(error: unknown): boolean {
  return (
    error instanceof TollgateError &&
    (error.reason === 'QUOTE_EXPIRED' || error.reason === 'IDEMPOTENCY_KEY_REUSED')
  )
}

function settledWithout(): TollgateError {
  return new TollgateError(status.FAILED_PRECONDITION, 'the stream was settled before its end was delivered')
}

function unreachable(): TollgateError {
  return new TollgateError(status.UNAVAILABLE, 'no server answered in time')
}
