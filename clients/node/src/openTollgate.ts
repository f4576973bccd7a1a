import { setMaxListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ChargeUsageRequest } from '../../../src/wire/generated/tollgate/billing/v1/ChargeUsageRequest'
import { type ChargeOutcome, charge } from './charge'
import { type CallSettings, type ConnectSettings, connectTollgate, type TollgateClient } from './connect'
import { type HeldAnswer, type HoldSettings, hold } from './hold'
import { type Counters, type MeterContext, meterContext, tracked } from './meter/meterContext'
import { type MeteredStream, type MeterStreamSettings, meterStream } from './meterStream'
import { type Delivery, delivererOf } from './store/deliver'
import { UndeliveredStore } from './store/undeliveredStore'
import type { WhileDown } from './trust'

export interface OpenSettings extends ConnectSettings {
  /**
   * A directory on a disk that lasts, for charges and ends of streams that could not be delivered. Without one, they reject,
   * and nothing continues while tollgate is down.
   */
  store?: string
  /** The most that the store may take. Default: 256 MiB. */
  storeBytesMax?: number
  /** What may continue while no server answers. */
  whileDown?: WhileDown
  /** How often the store is delivered, from the start; 0 = only by `deliver`. Default: 15 s. */
  deliverEveryMs?: number
  /** Receives what has no caller to throw to, such as a full disk. Default: a warning of the process. */
  onProblem?: (problem: Error) => void
}

/** tollgate for a gateway: every method of the contract, and what bills a whole call. */
export type Tollgate = Omit<TollgateClient, 'close'> & {
  /** Charges a finished call. */
  charge(request: ChargeUsageRequest, settings?: CallSettings): Promise<ChargeOutcome>
  /** Holds credits around a call that answers at once. */
  hold<Answer>(settings: HoldSettings<Answer>): Promise<HeldAnswer<Answer>>
  /** Pays for a provider's stream while it is read. */
  meterStream<Chunk>(settings: MeterStreamSettings<Chunk>): MeteredStream<Chunk>
  /** Delivers what is in the store, once. It does so by itself, at start and every 15 s. */
  deliver(): Promise<Delivery>
  /** What is in the store, and what happened so far. */
  stats(): Counters & { undelivered: { entries: number; bytes: number } }
  /**
   * Accepts no more calls, stops streams that run, settles what was delivered, and closes the connection.
   *
   * @returns how many entries are left in the store
   */
  shutdown(settings?: { timeoutMs?: number }): Promise<{ undelivered: number }>
}

const DELIVER_EVERY_MS_DEFAULT = 15_000
const SHUTDOWN_MS_DEFAULT = 15_000

/**
 * Opens the store and connects. tollgate itself need not be there yet.
 *
 * @throws Error if the store can't be written, or its disk is full
 */
export async function openTollgate({
  store: directory,
  storeBytesMax,
  whileDown,
  deliverEveryMs = DELIVER_EVERY_MS_DEFAULT,
  onProblem,
  ...settings
}: OpenSettings): Promise<Tollgate> {
  const store =
    directory === undefined
      ? undefined
      : await UndeliveredStore.open(directory, {
          ...(storeBytesMax !== undefined && { bytesMax: storeBytesMax }),
        })
  const client = connectTollgate(settings)
  const closing = new AbortController()
  // One listener for each stream that runs.
  setMaxListeners(0, closing.signal)
  const context = meterContext(client, {
    closing: closing.signal,
    ...(store && { store }),
    ...(whileDown && { whileDown }),
    ...(onProblem && { onProblem }),
  })
  const deliver = store === undefined ? nothingToDeliver : delivererOf(store, client)
  const deliverNow = () => void deliver().catch(context.onProblem)
  const delivery = deliverEveryMs > 0 ? setInterval(deliverNow, deliverEveryMs).unref() : undefined
  if (deliverEveryMs > 0) deliverNow()
  const { close, ...calls } = client
  return {
    ...calls,
    charge: (request, callSettings) => tracked(context, charge(context, request, callSettings)),
    hold: (holdSettings) => hold(context, holdSettings),
    meterStream: (streamSettings) => meterStream(context, streamSettings),
    deliver,
    stats: () => ({
      ...context.counters,
      undelivered: { entries: store?.entries ?? 0, bytes: store?.bytes ?? 0 },
    }),
    async shutdown({ timeoutMs = SHUTDOWN_MS_DEFAULT } = {}) {
      const endsAt = performance.now() + timeoutMs
      clearInterval(delivery)
      closing.abort()
      await untilDone(context, endsAt)
      close()
      return { undelivered: store?.entries ?? 0 }
    },
  }
}

async function nothingToDeliver(): Promise<Delivery> {
  return { delivered: 0, waiting: 0, refused: 0 }
}

/** One end may start another: a stream that is opened is settled next. */
async function untilDone({ ongoing }: MeterContext, endsAt: number): Promise<void> {
  const timer = new AbortController()
  const tooLate = sleep(endsAt - performance.now(), undefined, { signal: timer.signal }).catch(
    () => undefined,
  )
  while (ongoing.size > 0 && performance.now() < endsAt) {
    await Promise.race([Promise.allSettled(ongoing), tooLate])
    await sleep(0)
  }
  timer.abort()
}
