import { status } from '@grpc/grpc-js'
import type { Charge__Output } from '../../../src/wire/generated/tollgate/billing/v1/Charge'
import type { StreamClose } from '../../../src/wire/generated/tollgate/billing/v1/StreamClose'
import type { StreamGrant__Output } from '../../../src/wire/generated/tollgate/billing/v1/StreamGrant'
import type { StreamOpen } from '../../../src/wire/generated/tollgate/billing/v1/StreamOpen'
import type { TollgateClient } from './connect'
import { TollgateError } from './errors'
import { CHUNK_READERS, type ChunkFacts, type MeteredFormat } from './meter/chunkReaders'
import { Gate, type StopReason } from './meter/gate'
import { MeterSession } from './meter/meterSession'
import { type CountTokens, emptyTally, measuredOf, type Tally, tallyWith, usageOf } from './meter/tally'
import type { UndeliveredSettlements } from './meter/undelivered'
import { ownRequest } from './serialise'

export interface MeterStreamSettings<Chunk> {
  /** Who pays, for what, under which key. A key names one generation: a new one needs a new key. */
  open: StreamOpen
  /** How the provider streams; or, where it is none of these, `read`. */
  format?: MeteredFormat
  read?: (chunk: Chunk) => ChunkFacts
  /** Calls the provider. It is called once the input and a first stretch are held, and not at all where they can't be. */
  start(call: { signal: AbortSignal; grant: StreamGrant__Output | undefined }): Stream<Chunk>
  /**
   * The end user's: aborted, the provider is told to stop, and what was delivered is charged. Before the provider is called,
   * it isn't, and nothing is charged.
   */
  signal?: AbortSignal
  /** The model's tokeniser, if there is one. Without it, four bytes of text are a token, and a chunk one at least. */
  countTokens?: CountTokens
  /** When no server can be reached. Default: stop where the grant ends. */
  whenUnreachable?: WhenUnreachable
}

type Stream<Chunk> = AsyncIterable<Chunk> | Promise<AsyncIterable<Chunk>>

export interface WhenUnreachable {
  /** How long to wait for a server, where the generation can't go on without one. Default: 5 s. */
  waitMs?: number
  /** How many completion tokens may be delivered beyond the grant (in all, where there never was one). Default: 0. */
  outputTokensBeyondGrant?: number
  /** Where the end of a generation is kept until it can be delivered. Needed to go on beyond the grant. */
  undelivered?: UndeliveredSettlements
}

/** How a metered generation ended. */
export interface MeteredEnd {
  /** The receipt. Undefined where it could not be delivered yet, and is kept for later. */
  charge: Charge__Output | undefined
  /** What could not be paid, and is a deduction failure. */
  shortfallNanousd: bigint
  /** Why the generation was stopped before the provider ended it. */
  stoppedBy: StopReason | undefined
}

/** A provider's stream that is paid for while it is read. */
export interface MeteredStream<Chunk> extends AsyncIterable<Chunk> {
  /**
   * Settles after the last chunk, however that came. Rejects where the settlement could not be delivered and there was
   * nowhere to keep it: the stream then expires, and what was reported last is charged.
   */
  ended: Promise<MeteredEnd>
}

const WAIT_MS_DEFAULT = 5_000
const DELIVERY_WAIT_MS = 10_000

/**
 * Wraps a provider's stream: holds credits before it starts, reports what it uses, stops before the first chunk that isn't
 * paid for, and settles when it ends, fails, or is left. It starts when it is iterated, which can be done once.
 *
 * @throws TollgateError from the iteration: what the open was refused with, such as INSUFFICIENT_CREDITS, or UNAVAILABLE
 */
export function meterStream<Chunk>(
  client: TollgateClient,
  settings: MeterStreamSettings<Chunk>,
): MeteredStream<Chunk> {
  let settle: Settle = () => undefined
  const ended = new Promise<MeteredEnd>((resolve) => {
    settle = resolve
  })
  // Whoever doesn't ask for it has said that it doesn't matter.
  ended.catch(() => undefined)
  const stop = new AbortController()
  const chunks = metered(client, settings, { stop, settle })
  const left = chunks.return.bind(chunks)
  chunks.return = (value) => {
    // A generator hears of it no sooner than what it waits for has come, and the provider may hang.
    stop.abort()
    const isOver = left(value)
    // Left before it began, it ends without a word. Whatever else there is to say has been said before.
    isOver.then(
      () => settle(NOTHING),
      () => undefined,
    )
    return isOver
  }
  return { [Symbol.asyncIterator]: () => chunks, ended }
}

const NOTHING: MeteredEnd = { charge: undefined, shortfallNanousd: 0n, stoppedBy: 'ABORTED' }

type Settle = (end: MeteredEnd | Promise<MeteredEnd>) => void

async function* metered<Chunk>(
  client: TollgateClient,
  settings: MeterStreamSettings<Chunk>,
  { stop, settle }: { stop: AbortController; settle: Settle },
): AsyncGenerator<Chunk, void> {
  const { format, countTokens, whenUnreachable = {} } = settings
  stopWith(settings.signal, stop)
  if (stop.signal.aborted) return settle(NOTHING)
  let open: StreamOpen
  let session: MeterSession | undefined
  let gate: Gate
  let read: (chunk: Chunk) => ChunkFacts
  try {
    read = readerOf(settings)
    const rules = rulesOf(whenUnreachable)
    // It is said again on each connection, whatever its caller does with it meanwhile.
    open = ownRequest(settings.open)
    session = new MeterSession(client, open)
    gate = new Gate(session, rules)
    await gate.open()
    // Left before a server answered: there is nothing to settle.
    if (stop.signal.aborted && session.grant === undefined) {
      session.abandon()
      return settle(NOTHING)
    }
  } catch (error) {
    session?.abandon()
    stop.abort()
    settle(Promise.reject(error))
    throw error
  }
  const opened = session
  let tally: Tally | undefined
  let end: StreamEnd = 'STREAM_END_CANCELLED'
  let stoppedBy: StopReason | undefined
  let isFinished = false
  const finish = () => {
    if (isFinished) return
    isFinished = true
    stop.abort()
    // Where the provider never answered, nothing was used, not even the prompt.
    const measured = tally === undefined ? { usage: {} } : measuredOf(tally, format, countTokens)
    settle(delivered(opened, { open, close: { ...measured, end } }, whenUnreachable, stoppedBy))
  }
  // Not only when the next chunk is asked for: who reads may wait for an end user that has left, for ever.
  stop.signal.addEventListener('abort', () => {
    if (!isFinished) stoppedBy ??= 'ABORTED'
    finish()
  })
  try {
    const start = () => settings.start({ signal: stop.signal, grant: opened.grant })
    for await (const chunk of untilAborted(start, stop.signal)) {
      // Whoever answers has read the prompt.
      tally ??= emptyTally(Number(open.inputTokens ?? 0))
      const facts = read(chunk)
      const next = tallyWith(tally, facts, countTokens)
      const usage = usageOf(next, countTokens)
      checkCounts(usage)
      // What has no text delivers nothing that could be kept back: its usage is of what was delivered, or was thought.
      tally = facts.text === '' ? next : { ...tally, inputTokens: next.inputTokens }
      const verdict = await gate.pass(usage, stop.signal)
      if (verdict !== undefined) {
        stoppedBy ??= verdict
        break
      }
      tally = next
      yield chunk
    }
    if (stop.signal.aborted) stoppedBy ??= 'ABORTED'
    if (stoppedBy === undefined) end = 'STREAM_END_COMPLETED'
  } catch (error) {
    if (!stop.signal.aborted) end = 'STREAM_END_FAILED'
    throw error
  } finally {
    finish()
  }
}

/** Says the last word until it is heard; or keeps it, where there is somewhere. */
async function delivered(
  session: MeterSession,
  last: { open: StreamOpen; close: StreamClose },
  { undelivered, waitMs = WAIT_MS_DEFAULT }: WhenUnreachable,
  stoppedBy: StopReason | undefined,
): Promise<MeteredEnd> {
  session.close(last.close)
  // With nobody there, it is safer on disk first: this process may not live to see the server again.
  const isSilent = session.silentSince !== undefined
  const isKept = undelivered !== undefined && isSilent && (await isKeptIn(undelivered, last))
  const canBeKept = undelivered !== undefined && (isKept || !isSilent)
  const endsAt = performance.now() + (canBeKept ? waitMs : DELIVERY_WAIT_MS)
  while (!session.isOver && session.failure === undefined && performance.now() < endsAt) {
    await session.change(endsAt - performance.now())
  }
  session.abandon()
  const { settled, failure, isOver } = session
  if (isOver) {
    // Where the disk keeps it all the same, it is delivered once more, and settles nothing.
    if (isKept) await undelivered?.forget(last.open).catch(() => undefined)
    return {
      charge: settled?.charge ?? undefined,
      shortfallNanousd: BigInt(settled?.shortfallNanousd ?? 0),
      stoppedBy,
    }
  }
  if (undelivered === undefined || (isTakenOver(failure) && !isKept)) throw failure ?? unreachable()
  if (!isKept) await undelivered.keep(last)
  return { charge: undefined, shortfallNanousd: 0n, stoppedBy }
}

/** A disk that takes nothing is not the end: a server may answer yet. */
function isKeptIn(
  undelivered: UndeliveredSettlements,
  last: { open: StreamOpen; close: StreamClose },
): Promise<boolean> {
  return undelivered.keep(last).then(
    () => true,
    () => false,
  )
}

function rulesOf({ waitMs = WAIT_MS_DEFAULT, outputTokensBeyondGrant = 0, undelivered }: WhenUnreachable) {
  if (outputTokensBeyondGrant > 0 && undelivered === undefined) {
    throw new TypeError(
      'outputTokensBeyondGrant needs undelivered: what goes on without a server must not be lost',
    )
  }
  return { waitMs, outputTokensBeyondGrant }
}

function readerOf<Chunk>({ format, read }: MeterStreamSettings<Chunk>): (chunk: Chunk) => ChunkFacts {
  const reader = read ?? (format && CHUNK_READERS[format])
  if (reader === undefined) throw new TypeError('format or read must be given')
  return reader
}

function stopWith(signal: AbortSignal | undefined, stop: AbortController): void {
  if (signal?.aborted) stop.abort(signal.reason)
  signal?.addEventListener('abort', () => stop.abort(signal.reason), { once: true, signal: stop.signal })
}

/** NaN of a tokeniser would pass every gate, or none, and be charged as nothing. */
function checkCounts(usage: { inputTokens: number; outputTokens: number }): void {
  for (const [name, count] of Object.entries(usage)) {
    if (!Number.isSafeInteger(count)) throw new TypeError(`read and countTokens came to ${name} of ${count}`)
  }
}

/** Begins unless the signal is aborted, and ends as soon as it is, whether or not the source listens to it. */
async function* untilAborted<T>(start: () => Stream<T>, signal: AbortSignal): AsyncGenerator<T, void> {
  if (signal.aborted) return
  const source = await orAborted(start(), signal)
  const iterator = source?.[Symbol.asyncIterator]()
  if (iterator === undefined) return
  try {
    while (!signal.aborted) {
      const next = await orAborted(iterator.next(), signal)
      if (next === undefined || next.done) return
      yield next.value
    }
  } finally {
    // Not awaited: a source that hangs would hang the settlement.
    void iterator.return?.()?.then(undefined, () => undefined)
  }
}

/** Undefined as soon as the signal is aborted, whatever becomes of the promise. */
function orAborted<T>(promise: T | Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const aborted = () => resolve(undefined)
    if (signal.aborted) aborted()
    signal.addEventListener('abort', aborted, { once: true })
    Promise.resolve(promise)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', aborted))
  })
}

function isTakenOver(failure: unknown): boolean {
  return failure instanceof TollgateError && failure.reason === 'STREAM_FENCED'
}

function unreachable(): TollgateError {
  return new TollgateError(
    status.UNAVAILABLE,
    'the settlement could not be delivered: the stream will expire, and be charged by its last report',
  )
}

type StreamEnd = 'STREAM_END_COMPLETED' | 'STREAM_END_CANCELLED' | 'STREAM_END_FAILED'
