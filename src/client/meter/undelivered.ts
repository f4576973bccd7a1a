import { createHash } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'

import { status } from '@grpc/grpc-js'
import type { StreamClose } from '../../wire/generated/tollgate/billing/v1/StreamClose'
import type { StreamOpen } from '../../wire/generated/tollgate/billing/v1/StreamOpen'
import type { TollgateClient } from '../connect'
import { TollgateError } from '../errors'
import { MeterSession } from './meterSession'

/** The end of a generation that tollgate has not heard of yet. */
interface Undelivered {
  open: StreamOpen
  close: StreamClose
  /** Seconds since 1970. */
  endedAt: number
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
 * Settlements that could not be delivered, a file each in a directory, on disk before `keep` returns. The directory belongs
 * to one process at a time. Delivered twice (a crash between the settlement and the removal), they settle once: the key
 * is the stream's.
 */
export class UndeliveredSettlements {
  readonly directory: string
  #delivering: Promise<Delivery> | undefined

  constructor(directory: string) {
    this.directory = directory
  }

  async keep(last: Omit<Undelivered, 'endedAt'>): Promise<void> {
    const undelivered: Undelivered = { ...last, endedAt: Math.floor(Date.now() / 1_000) }
    await mkdir(this.directory, { recursive: true })
    const path = this.#pathOf(undelivered.open)
    const file = await open(`${path}.part`, 'w')
    try {
      await file.writeFile(JSON.stringify(undelivered))
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(`${path}.part`, path)
    await syncDirectory(this.directory)
  }

  async forget(open: StreamOpen): Promise<void> {
    await rm(this.#pathOf(open), { force: true })
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
    const names = await readdir(this.directory).catch(() => [])
    const delivery = { delivered: 0, waiting: 0, refused: 0 }
    for (const name of names.filter((each) => each.endsWith('.json'))) {
      const path = join(this.directory, name)
      delivery[await this.#deliverFile(client, path, timeoutMs)]++
    }
    return delivery
  }

  async #deliverFile(client: TollgateClient, path: string, timeoutMs: number): Promise<keyof Delivery> {
    try {
      await deliverOne(client, JSON.parse(await readFile(path, 'utf8')) as Undelivered, timeoutMs)
    } catch (error) {
      if (!isFinal(error)) return 'waiting'
      await mkdir(join(this.directory, 'refused'), { recursive: true })
      await rename(path, join(this.directory, 'refused', basename(path)))
      return 'refused'
    }
    await rm(path, { force: true })
    return 'delivered'
  }

  #pathOf({ userId, idempotencyKey }: StreamOpen): string {
    const name = createHash('sha256')
      .update(JSON.stringify([userId, idempotencyKey]))
      .digest('hex')
    return join(this.directory, `${name}.json`)
  }
}

/**
 * Opens the stream again and closes it. One that never opened, and can't now, is a finished call: it is charged under the
 * same key, and where that is refused too, tollgate keeps it as a deduction failure.
 */
async function deliverOne(
  client: TollgateClient,
  { open, close, endedAt }: Undelivered,
  timeoutMs: number,
): Promise<void> {
  const session = new MeterSession(client, open)
  session.close(close)
  const endsAt = performance.now() + timeoutMs
  while (session.failure === undefined && !session.isOver && performance.now() < endsAt) {
    await session.change(endsAt - performance.now())
  }
  session.abandon()
  if (session.isOver) return
  if (session.failure === undefined) throw unreachable()
  if (!isListed(session.failure) && !isExpiredQuote(session.failure)) throw session.failure
  await chargeAsFinished(client, { open, close, endedAt })
}

async function chargeAsFinished(
  client: TollgateClient,
  { open, close, endedAt }: Undelivered,
): Promise<void> {
  const { inputTokens: _input, maxOutputTokens: _most, ...call } = open
  const { usage, providerUsage, usageSource } = close
  try {
    await client.chargeUsage({
      ...call,
      occurredAt: { seconds: endedAt },
      ...(usage && { usage }),
      ...(providerUsage && { providerUsage }),
      ...(usageSource !== undefined && { usageSource }),
    })
  } catch (error) {
    if (!isListed(error)) throw error
  }
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

/** A stream is not opened by it; a finished call is charged at the price in force. */
function isExpiredQuote(error: unknown): boolean {
  return error instanceof TollgateError && error.reason === 'QUOTE_EXPIRED'
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
