import type { StreamGrant__Output } from '../../../src/wire/generated/tollgate/billing/v1/StreamGrant'
import type { StreamOpen } from '../../../src/wire/generated/tollgate/billing/v1/StreamOpen'
import { abortWith, untilAborted } from './meter/abortable'
import { CHUNK_READERS, type ChunkFacts, type MeteredFormat } from './meter/chunkReaders'
import { Gate, type StopReason } from './meter/gate'
import { type MeterContext, tracked } from './meter/meterContext'
import { MeterSession } from './meter/meterSession'
import { type ReportedCost, reportedCostFields } from './meter/reportedCost'
import { type MeteredEnd, settle } from './meter/settle'
import {
  type CountTokens,
  emptyTally,
  isUndercounted,
  type Measured,
  measuredOf,
  type Tally,
  tallyWith,
  usageOf,
} from './meter/tally'
import { ownRequest } from './serialise'

export interface MeterStreamSettings<Chunk> {
  /** Who pays, for what, under which key. A key names one generation: a new one needs a new key. */
  open: StreamOpen
  /** How the provider streams; or, where it is none of these, `read`. */
  format?: MeteredFormat
  read?: (chunk: Chunk) => ChunkFacts
  /** Calls the provider: once the input and a first stretch are held, and not at all where they can't be. */
  start(call: { signal: AbortSignal; grant: StreamGrant__Output | undefined }): Stream<Chunk>
  /**
   * The end user's. When it is aborted, the provider is stopped, and what was delivered is charged. Aborted before the
   * provider is called, nothing is called or charged.
   */
  signal?: AbortSignal
  /** The model's tokenizer, if there is one. Without it, four bytes of text are a token, and a word or a chunk at least one. */
  countTokens?: CountTokens
  /** The cost of all of it that the provider states in a chunk; the last one counts. An operator must allow it for the provider. */
  reportedCost?: (chunk: Chunk) => ReportedCost | undefined
}

type Stream<Chunk> = AsyncIterable<Chunk> | Promise<AsyncIterable<Chunk>>

/** A provider's stream that is paid for while it is read. */
export interface MeteredStream<Chunk> extends AsyncIterable<Chunk> {
  /**
   * Settles after the last chunk, however that came. Rejects where the settlement could not be delivered and there is no
   * store to keep it: the stream then expires, and what was reported last is charged.
   */
  ended: Promise<MeteredEnd>
}

/**
 * Wraps a provider's stream: holds credits before it starts, reports what it uses, stops before the first chunk that isn't
 * paid for, and settles when it ends, fails, or is left. It starts when it is iterated, which can be done once.
 *
 * @throws TollgateError from the iteration: why the open was refused, such as INSUFFICIENT_CREDITS, or UNAVAILABLE
 */
export function meterStream<Chunk>(
  context: MeterContext,
  settings: MeterStreamSettings<Chunk>,
): MeteredStream<Chunk> {
  let resolveEnd: ResolveEnd = () => undefined
  const ended = new Promise<MeteredEnd>((resolve) => {
    resolveEnd = resolve
  })
  // A caller that doesn't ask for the end ignores its failure, too.
  ended.catch(() => undefined)
  const stop = new AbortController()
  const chunks = metered(context, settings, { stop, resolveEnd })
  const left = chunks.return.bind(chunks)
  chunks.return = (value) => {
    // A generator learns that its reader left only when the value it awaits arrives, and the provider may hang.
    stop.abort()
    const isOver = left(value)
    // Left before it began, it ends without running. In every other case the end is resolved already.
    isOver.then(
      () => resolveEnd(NOTHING),
      () => undefined,
    )
    return isOver
  }
  return { [Symbol.asyncIterator]: () => chunks, ended }
}

const NOTHING: MeteredEnd = { charge: undefined, shortfallNanousd: 0n, stoppedBy: 'ABORTED' }

type ResolveEnd = (end: MeteredEnd | Promise<MeteredEnd>) => void

async function* metered<Chunk>(
  context: MeterContext,
  settings: MeterStreamSettings<Chunk>,
  { stop, resolveEnd }: { stop: AbortController; resolveEnd: ResolveEnd },
): AsyncGenerator<Chunk, void> {
  const { format, countTokens } = settings
  abortWith(stop, settings.signal)
  abortWith(stop, context.closing)
  if (stop.signal.aborted) return resolveEnd(NOTHING)
  let open: StreamOpen
  let session: MeterSession | undefined
  let gate: Gate
  let read: (chunk: Chunk) => ChunkFacts
  try {
    read = readerOf(settings)
    // It is sent again on each connection, whatever its caller does with the object meanwhile.
    open = ownRequest(settings.open)
    session = new MeterSession(context.client, open)
    gate = new Gate(session, context)
    await tracked(context, gate.open(open.userId ?? ''))
    // Left before a server answered: there is nothing to settle.
    if (stop.signal.aborted && session.grant === undefined) {
      session.abandon()
      return resolveEnd(NOTHING)
    }
  } catch (error) {
    session?.abandon()
    stop.abort()
    resolveEnd(Promise.reject(error))
    throw error
  }
  const opened = session
  let tally: Tally | undefined
  let cost: ReportedCost | undefined
  let end: StreamEnd = 'STREAM_END_CANCELLED'
  let stoppedBy: StopReason | undefined
  let isFinished = false
  const measured = (): Measured | { usage: Record<string, never> } => {
    // Where the provider never answered, nothing was used, not even the prompt.
    if (tally === undefined) return { usage: {} }
    try {
      return measuredOf(tally, format, countTokens)
    } catch (error) {
      // Such as a bigint in its usage. A stream that is never closed would hold its credits.
      context.onProblem(
        new Error("the provider's usage can't be sent: the count is charged", { cause: error }),
      )
      return { usage: usageOf(tally, countTokens), usageSource: 'USAGE_SOURCE_ESTIMATED' }
    }
  }
  const finish = () => {
    if (isFinished) return
    isFinished = true
    stop.abort()
    if (tally !== undefined && isUndercounted(tally, countTokens)) context.counters.undercounted++
    resolveEnd(
      settle(context, opened, {
        open,
        close: { ...measured(), ...reportedCostFields(cost), end },
        stoppedBy,
      }),
    )
  }
  // Not only when the next chunk is asked for: a reader may wait for ever for an end user who has left.
  stop.signal.addEventListener('abort', () => {
    if (!isFinished) stoppedBy ??= 'ABORTED'
    finish()
  })
  try {
    const start = () => settings.start({ signal: stop.signal, grant: opened.grant })
    for await (const chunk of untilAborted(start, stop.signal)) {
      // A provider that answers has read the prompt.
      tally ??= emptyTally(Number(open.inputTokens ?? 0))
      const facts = read(chunk)
      const stated = settings.reportedCost?.(chunk)
      reportedCostFields(stated)
      cost = stated ?? cost
      const next = tallyWith(tally, facts, countTokens)
      const usage = usageOf(next, countTokens)
      checkCounts(usage)
      // A chunk without text delivers nothing that could be kept back: it reports what was delivered, or was thought.
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

type StreamEnd = 'STREAM_END_COMPLETED' | 'STREAM_END_CANCELLED' | 'STREAM_END_FAILED'

/** The reader of what a provider says, by format or given by the caller. */
export function readerOf<Message>({
  format,
  read,
}: {
  format?: MeteredFormat
  read?: (message: Message) => ChunkFacts
}): (message: Message) => ChunkFacts {
  const reader = read ?? (format && CHUNK_READERS[format])
  if (reader === undefined) throw new TypeError('format or read must be given')
  return reader
}

/** A tokenizer's NaN would pass every gate, or none, and be charged as nothing. */
export function checkCounts(usage: { inputTokens: number; outputTokens: number }): void {
  for (const [name, count] of Object.entries(usage)) {
    if (!Number.isSafeInteger(count)) throw new TypeError(`read or countTokens counted ${name} as ${count}`)
  }
}
