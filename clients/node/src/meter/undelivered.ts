import { createHash } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'

import { status } from '@grpc/grpc-js'
import type { ChargeUsageRequest } from '../../../../src/wire/generated/tollgate/billing/v1/ChargeUsageRequest'
import type { StreamClose } from '../../../../src/wire/generated/tollgate/billing/v1/StreamClose'
import type { StreamOpen } from '../../../../src/wire/generated/tollgate/billing/v1/StreamOpen'
import type { StreamSettled__Output } from '../../../../src/wire/generated/tollgate/billing/v1/StreamSettled'
import type { TollgateClient } from '../connect'
import { TollgateError } from '../errors'
import { MeterSession } from './meterSession'

/** The end of a generation that tollgate has not heard of yet. */
interface UndeliveredEnd {
  open: StreamOpen
  close: StreamClose
  /** Seconds since 1970. */
  endedAt: number
}

/** A finished call that may not be charged yet. */
interface UndeliveredCharge {
  charge: ChargeUsageRequest
}

/** What came of one attempt to deliver everything. */
export interface Delivery {
  delivered: number
  /** Still there, for the next attempt. */
  waiting: number
  /** Refused for good: their files are kept aside, under `refused/`. */
  refused: number
}

const DELIVERY_TIMEOUT_MS = 10_000

/**
 * Settlements and charges that could not be delivered, a file each in a directory, on disk before `keep` or `keepCharge`
 * returns. The directory belongs to one process at a time. What is delivered twice (a crash before the removal) is charged
 * once: its key is the stream's, or the call's.
 */
export class UndeliveredSettlements {
  readonly directory: string
  #delivering: Promise<Delivery> | undefined

  constructor(directory: string) {
    this.directory = directory
  }

  /** The end of a stream. */
  async keep(last: Omit<UndeliveredEnd, 'endedAt'>): Promise<void> {
    await this.#write(last.open, { ...last, endedAt: Math.floor(Date.now() / 1_000) })
  }

  /**
   * A finished call whose charge is undecided (`isUndecided`), or before it is asked for. It is sent again as it is, under
   * its key: give it its `occurredAt` from the first, or it is priced as of its delivery.
   */
  async keepCharge(charge: ChargeUsageRequest): Promise<void> {
    await this.#write(charge, { charge })
  }

  /** What was kept under the same user and key. */
  async forget(owner: Owner): Promise<void> {
    await rm(this.#pathOf(owner), { force: true })
  }

  /**
   * Tries each of them once. Call it at the start, and now and then: while it is at work, another call waits for the same
   * end. Rejects where the directory can't be read or written.
   */
  deliver(client: TollgateClient, { timeoutMs = DELIVERY_TIMEOUT_MS } = {}): Promise<Delivery> {
    this.#delivering ??= this.#deliverAll(client, timeoutMs).finally(() => {
      this.#delivering = undefined
    })
    return this.#delivering
  }

  async #deliverAll(client: TollgateClient, timeoutMs: number): Promise<Delivery> {
    const names = await readdir(this.directory).catch((error) => {
      if (error.code === 'ENOENT') return []
      throw error
    })
    const delivery = { delivered: 0, waiting: 0, refused: 0 }
    for (const name of names.filter((each) => each.endsWith('.json'))) {
      const path = join(this.directory, name)
      delivery[await this.#deliverFile(client, path, timeoutMs)]++
    }
    return delivery
  }

  async #deliverFile(client: TollgateClient, path: string, timeoutMs: number): Promise<keyof Delivery> {
    try {
      const kept = keptIn(await readFile(path, 'utf8'))
      await ('charge' in kept
        ? deliverCharge(client, kept.charge, timeoutMs)
        : deliverEnd(client, kept, timeoutMs))
    } catch (error) {
      if (!isFinal(error)) return 'waiting'
      await mkdir(join(this.directory, 'refused'), { recursive: true })
      await rename(path, join(this.directory, 'refused', basename(path)))
      return 'refused'
    }
    await rm(path, { force: true })
    return 'delivered'
  }

  async #write(owner: Owner, kept: UndeliveredEnd | UndeliveredCharge): Promise<void> {
    await mkdir(this.directory, { recursive: true })
    const path = this.#pathOf(owner)
    const file = await open(`${path}.part`, 'w')
    try {
      await file.writeFile(JSON.stringify(kept))
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(`${path}.part`, path)
    await syncDirectory(this.directory)
  }

  /** Streams and charges have their keys in one space. */
  #pathOf({ userId, idempotencyKey }: Owner): string {
    const name = createHash('sha256')
      .update(JSON.stringify([userId, idempotencyKey]))
      .digest('hex')
    return join(this.directory, `${name}.json`)
  }
}

function keptIn(text: string): UndeliveredEnd | UndeliveredCharge {
  const kept = JSON.parse(text)
  if (kept?.charge === undefined && (kept?.open === undefined || kept.close === undefined)) {
    throw new SyntaxError('it is neither the end of a stream nor a charge')
  }
  return kept
}

type Owner = Pick<StreamOpen, 'userId' | 'idempotencyKey'>

/** Where tollgate refuses it, but lists it as a deduction failure, it is delivered. */
async function deliverCharge(
  client: TollgateClient,
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
 * Opens the stream again and closes it. One that never opened, and can't now, is a finished call: it is charged under the
 * same key.
 */
async function deliverEnd(client: TollgateClient, kept: UndeliveredEnd, timeoutMs: number): Promise<void> {
  const { open, close } = kept
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
  // What an open stream's close is refused for, its list has by now.
  if (grant !== undefined && isListed(failure)) return
  if (!isListed(failure) && !mayBeFinished(failure)) throw failure
  await deliverCharge(client, finishedCallOf(kept), timeoutMs)
}

function finishedCallOf({ open, close, endedAt }: UndeliveredEnd): ChargeUsageRequest {
  const { inputTokens: _input, maxOutputTokens: _most, ...call } = open
  const { usage, providerUsage, usageSource } = close
  return {
    ...call,
    occurredAt: { seconds: endedAt },
    ...(usage && { usage }),
    ...(providerUsage && { providerUsage }),
    ...(usageSource !== undefined && { usageSource }),
  }
}

/** Nobody but a close says how a stream ended: at its expiry, or by an operator, it was settled without what it used last. */
function isSettledWithout({ end }: StreamClose, { charge }: StreamSettled__Output): boolean {
  const saysHow = end !== undefined && end !== 0 && end !== 'STREAM_END_UNSPECIFIED'
  return saysHow && charge?.end === 'STREAM_END_UNSPECIFIED' && charge.holdId !== ''
}

const LISTED: ReadonlySet<string> = new Set([
  ...['INSUFFICIENT_CREDITS', 'DAILY_LIMIT_REACHED', 'TRIAL_LIMIT_REACHED', 'TRIAL_EXPIRED'],
  ...['USER_SUSPENDED', 'MODEL_PRICE_MISSING', 'PRICE_ANOMALY'],
])

/** A finished call that is refused so is on tollgate's list of deduction failures. */
function isListed(error: unknown): boolean {
  return error instanceof TollgateError && LISTED.has(error.reason)
}

const FINAL: ReadonlySet<status> = new Set([
  status.INVALID_ARGUMENT,
  status.NOT_FOUND,
  status.ALREADY_EXISTS,
  status.FAILED_PRECONDITION,
])

/** What no later attempt can change, as against a token that is not known yet, or another connection that has the stream. */
function isFinal(error: unknown): boolean {
  return error instanceof SyntaxError || (error instanceof TollgateError && FINAL.has(error.code))
}

/** By an expired quote no stream is opened, but a finished call is charged; and such a charge may be what has the key. */
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

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
