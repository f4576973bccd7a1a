import type { StreamGrant__Output } from '../../../src/wire/generated/tollgate/billing/v1/StreamGrant'
import type { StreamOpen } from '../../../src/wire/generated/tollgate/billing/v1/StreamOpen'
import { ClientClosedError } from './errors'
import { abortWith } from './meter/abortable'
import type { ChunkFacts, MeteredFormat } from './meter/chunkReaders'
import { Gate } from './meter/gate'
import { type MeterContext, tracked } from './meter/meterContext'
import { MeterSession } from './meter/meterSession'
import { type ReportedCost, reportedCostFields } from './meter/reportedCost'
import { type MeteredEnd, settle } from './meter/settle'
import {
  type CountTokens,
  emptyTally,
  isUndercounted,
  measuredOf,
  type Tally,
  tallyWith,
  usageOf,
} from './meter/tally'
import { checkCounts, readerOf } from './meterStream'
import { ownRequest } from './serialise'

export interface HoldSettings<Answer> {
  /**
   * Names who pays, for which call, under which key. With `maxOutputTokens`, the cost of the prompt
   * and of all these tokens is held before the provider is called. Without it, only the cost of the
   * prompt and of a first stretch is held.
   */
  open: StreamOpen
  /** The format of the provider's answer. For any other format, set `read`. */
  format?: MeteredFormat
  read?: (answer: Answer) => ChunkFacts
  /** Calls the provider. It runs only after the cost is held. */
  call(call: { signal: AbortSignal; grant: StreamGrant__Output | undefined }): Promise<Answer>
  /** The end user's signal, which is passed to `call`. */
  signal?: AbortSignal
  /** The model's tokenizer, if there is one. It is used only if the provider counts nothing. */
  countTokens?: CountTokens
  /** The cost that the provider states in its answer. An operator must allow it for the provider. */
  reportedCost?: (answer: Answer) => ReportedCost | undefined
}

/** A provider's answer and its charge. */
export interface HeldAnswer<Answer> extends Pick<MeteredEnd, 'charge' | 'shortfallNanousd'> {
  answer: Answer
}

/**
 * Holds credits around a call that answers at once: opens the hold, calls the provider, and settles
 * the usage in its answer. A call that fails is settled at zero.
 *
 * @throws TollgateError with the reason of the refusal, such as INSUFFICIENT_CREDITS; UNAVAILABLE
 *   if no server answered, or if there is no store and the settlement could not be delivered.
 * @throws any error of `call`
 */
export async function hold<Answer>(
  context: MeterContext,
  settings: HoldSettings<Answer>,
): Promise<HeldAnswer<Answer>> {
  const { format, countTokens } = settings
  const read = readerOf(settings)
  if (context.closing.aborted) throw new ClientClosedError()
  const asked = ownRequest(settings.open)
  const open = { ...asked, ...(Number(asked.maxOutputTokens ?? 0) > 0 && { holdMaxOutputTokens: true }) }
  const stop = new AbortController()
  abortWith(stop, settings.signal)
  abortWith(stop, context.closing)
  const session = new MeterSession(context.client, open)
  try {
    await tracked(context, new Gate(session, context).open(open.userId ?? ''))
    // The end user left before a server answered, so there is no hold to return.
    if (session.grant === undefined) stop.signal.throwIfAborted()
  } catch (error) {
    session.abandon()
    throw error
  }
  let answer: Answer
  let tally: Tally
  let cost: ReturnType<typeof reportedCostFields>
  try {
    stop.signal.throwIfAborted()
    answer = await tracked(context, settings.call({ signal: stop.signal, grant: session.grant }))
    tally = tallyWith(emptyTally(Number(open.inputTokens ?? 0)), read(answer), countTokens)
    checkCounts(usageOf(tally, countTokens))
    cost = reportedCostFields(settings.reportedCost?.(answer))
  } catch (error) {
    await settle(context, session, nothingUsed(open)).catch(context.onProblem)
    throw error
  }
  if (isUndercounted(tally, countTokens)) context.counters.undercounted++
  const end = 'STREAM_END_COMPLETED' as const
  const close = { ...measuredOf(tally, format, countTokens), ...cost, end }
  const { charge, shortfallNanousd } = await settle(context, session, { open, close, stoppedBy: undefined })
  return { answer, charge, shortfallNanousd }
}

function nothingUsed(open: StreamOpen) {
  return { open, close: { usage: {}, end: 'STREAM_END_FAILED' as const }, stoppedBy: undefined }
}
