import { BillingError, unreachable } from '../errors'
import { NO_USAGE } from '../usage'
import { close, halfClose, settleAgain, settled } from './ending'
import { advance, regrant, type StepContext, withHold } from './grant'
import { isLive, type LiveState, type Progress, type Step, type StreamEvent, type StreamState } from './state'
import { costOf } from './stretch'

export const UNOPENED: StreamState = { state: 'unopened' }

/** Postings of ours that found the stream moved, though it was still ours, before the connection gives up. */
const ATTEMPTS_MAX = 3

/**
 * One step of a stream: its next state, and what is to be done about it. Every rule about streams is here and in the
 * files beside it; nothing here waits, asks the time or touches anything.
 */
export function step(state: StreamState, event: StreamEvent, context: StepContext): Step {
  switch (event.type) {
    case 'open':
      return state.state === 'unopened'
        ? { state: { state: 'opening' }, effects: [{ do: 'open' }] }
        : violated(state, protocol('a stream is opened once'))
    case 'progress':
      return isLive(state)
        ? progressed(state, event.progress, context)
        : outOfTurn(state, 'progress', 'open comes first')
    case 'close':
      if (isLive(state)) return close(state, event.close, context)
      if (state.state === 'settled') return { state, effects: [{ do: 'fail', error: amendmentNotImplemented() }] }
      return outOfTurn(state, 'close', 'open comes first')
    case 'half-close':
      return state.state === 'unopened'
        ? violated(state, protocol('the first message must be an open'))
        : halfClose(state)
    case 'lost':
      return detach(state)
    case 'violated':
      return violated(state, event.error)
    case 'opened':
      return withHold(
        {
          ...event,
          latest: { sequence: event.hold.sequence, usage: event.hold.usage },
          recordedSequence: event.hold.sequence,
        },
        context.now,
      )
    case 'refused':
      return { state: { state: 'refused' }, effects: [{ do: 'fail', error: event.error }] }
    case 'extended':
      return isLive(state) ? extended(state, event, context) : stay(state)
    case 'extension-denied':
      return isLive(state) ? denied(state, event, context) : stay(state)
    case 'extension-failed':
      return isLive(state) ? stay({ ...state, deniedAt: context.now, owesExtension: true }) : stay(state)
    case 'recorded':
      return isLive(state) ? recorded(state, event, context) : stay(state)
    case 'moved':
      return isLive(state) || state.state === 'settling'
        ? { state, effects: [{ do: 'look up', hold: state.hold }] }
        : stay(state)
    case 'found':
      return found(state, event, context)
    case 'settled':
      return settled(event.settlement, { replayed: false, now: context.now })
    case 'failed':
      return fail(state, event.error)
    case 'tick':
      return isLive(state) && state.owesExtension ? advance(state, context) : stay(state)
    case 'drain':
      return isLive(state) ? drain(state) : stay(state)
    case 'stop':
      return isLive(state) || state.state === 'unopened' ? fail(state, shuttingDown()) : stay(state)
    default:
      return unreachable(event)
  }
}

/** What of a live stream isn't in the database yet. */
export function unrecordedOf(state: StreamState): Progress | undefined {
  return isLive(state) && state.latest.sequence > state.recordedSequence ? state.latest : undefined
}

function progressed(live: LiveState, progress: Progress, context: StepContext): Step {
  if (progress.sequence < 1n) return violated(live, protocol('sequences start at 1'))
  const latest = progress.sequence > live.latest.sequence ? progress : live.latest
  const next = advance({ ...live, latest }, context)
  return next.effects.length > 0 && costOf(live.terms, latest.usage) > context.rules.chargeNanousdMax
    ? violated(live, anomaly())
    : next
}

function extended(
  live: LiveState,
  { hold }: Extract<StreamEvent, { type: 'extended' }>,
  { now }: StepContext,
): Step {
  const recordedSequence = hold.sequence > live.recordedSequence ? hold.sequence : live.recordedSequence
  const { state, effects } = withHold({ ...live, hold, recordedSequence }, now)
  return {
    state,
    effects:
      recordedSequence === live.recordedSequence
        ? effects
        : [
            { do: 'send ack', sequence: recordedSequence, costNanousd: costOf(live.terms, hold.usage) },
            ...effects,
          ],
  }
}

/** The hold stays as it is: its last grant is final now. It goes on being renewed while it is reported to. */
function denied(
  live: LiveState,
  { reason }: Extract<StreamEvent, { type: 'extension-denied' }>,
  context: StepContext,
): Step {
  const last = regrant({ ...live, deniedAt: context.now, owesExtension: false }, context.now, reason)
  const next = isLive(last.state) ? advance(last.state, context) : last
  return { state: next.state, effects: [...last.effects, ...next.effects] }
}

function recorded(
  live: LiveState,
  { progress, expiresAt }: Extract<StreamEvent, { type: 'recorded' }>,
  { now }: StepContext,
): Step {
  const isNew = progress.sequence > live.recordedSequence
  const isRenewed = expiresAt > live.hold.expiresAt
  const state: LiveState = {
    ...live,
    hold: { ...live.hold, ...(isNew && progress), expiresAt },
    recordedSequence: isNew ? progress.sequence : live.recordedSequence,
    renewing: live.renewing && !isRenewed,
  }
  const next = isRenewed ? regrant(state, now) : stay(state)
  if (!isNew) return next
  const costNanousd = costOf(live.terms, progress.usage)
  return {
    state: next.state,
    effects: [{ do: 'send ack', sequence: progress.sequence, costNanousd }, ...next.effects],
  }
}

function found(
  state: StreamState,
  { hold, settlement }: Extract<StreamEvent, { type: 'found' }>,
  { now }: StepContext,
): Step {
  if (state.state === 'opening' && settlement !== undefined) return settled(settlement, { replayed: true, now })
  if (!isLive(state) && state.state !== 'settling') return stay(state)
  if (hold.epoch !== state.hold.epoch) {
    return { state: { state: 'fenced' }, effects: [{ do: 'fail', error: fenced() }] }
  }
  if (settlement !== undefined) {
    const tooLate = state.state === 'settling' && settlement.amendableUntil !== undefined
    return tooLate
      ? { state: { state: 'settled' }, effects: [{ do: 'fail', error: amendmentNotImplemented() }] }
      : settled(settlement, { replayed: true, now })
  }
  // Ours still: an earlier posting of ours took effect unseen. Go on from what is there.
  if (state.state === 'settling') {
    return state.attempts < ATTEMPTS_MAX ? settleAgain(state, hold) : fail(state, movedTooOften())
  }
  return stay({ ...state, hold, renewing: false, owesExtension: true })
}

function drain(live: LiveState): Step {
  return {
    state: live,
    effects: [{ do: 'send drain' }, { do: 'record', hold: live.hold, progress: live.latest, renew: false }],
  }
}

function outOfTurn(state: StreamState, message: string, why: string): Step {
  return state.state === 'unopened' ? violated(state, protocol(`${message} out of turn: ${why}`)) : stay(state)
}

function violated(state: StreamState, error: BillingError): Step {
  return fail(state, error)
}

/** Ends the connection with an error; a live stream stays, to be resumed or to expire. */
function fail(state: StreamState, error: unknown): Step {
  const left = detach(state)
  return {
    state: left.state.state === 'detached' ? left.state : { state: 'refused' },
    effects: [...left.effects, { do: 'fail', error }],
  }
}

function detach(state: StreamState): Step {
  if (isLive(state) || state.state === 'settling') {
    return {
      state: { state: 'detached' },
      effects: [{ do: 'detach', hold: state.hold, progress: state.latest }],
    }
  }
  return state.state === 'unopened' ? { state: { state: 'refused' }, effects: [] } : stay(state)
}

function stay(state: StreamState): Step {
  return { state, effects: [] }
}

function protocol(message: string): BillingError {
  return new BillingError('STREAM_PROTOCOL', message)
}

function fenced(): BillingError {
  return new BillingError('STREAM_FENCED', 'another connection has taken this stream over')
}

function shuttingDown(): BillingError {
  return new BillingError('SHUTTING_DOWN', 'this server is stopping; open the stream again with the same key', {
    retryAfterMs: 1_000,
  })
}

function movedTooOften(): BillingError {
  return new BillingError('CONCURRENT_MODIFICATION', 'the stream kept changing; open it again with the same key')
}

export function anomaly(): BillingError {
  return new BillingError(
    'PRICE_ANOMALY',
    'this usage costs more than one charge may: check its units; the stream stays at the progress before it',
    { metadata: { anomaly: 'above' } },
  )
}

function amendmentNotImplemented(): BillingError {
  return new BillingError(
    'NOT_IMPLEMENTED',
    'the stream was settled by expiry before it was closed, and amending such a settlement is not implemented yet; open it again with the same key for its receipt',
  )
}
