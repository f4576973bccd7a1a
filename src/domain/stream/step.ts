import { unreachable } from '../errors'
import { amend } from './amendment'
import { close, detach, fail, found, halfClose, settled } from './ending'
import { advance, mayAsk, regrant, type StepContext, withHold } from './grant'
import { anomaly, protocol, shuttingDown } from './refusals'
import { isLive, type LiveState, type Progress, type Step, type StreamEvent, type StreamState } from './state'
import { chargeMaxOf, costOf } from './stretch'
import { withRerateThreshold } from './stretchUse'

export const UNOPENED: StreamState = { state: 'unopened' }

/**
 * One step of a stream: its next state and its effects. Every rule about streams is in this folder.
 * Nothing here waits, reads a clock or has side effects.
 */
export function step(state: StreamState, event: StreamEvent, context: StepContext): Step {
  switch (event.type) {
    case 'open':
      return state.state === 'unopened'
        ? { state: { state: 'opening' }, effects: [{ do: 'open' }] }
        : fail(state, protocol('a connection opens one stream, once'))
    case 'progress':
      return isLive(state) ? progressed(state, event.progress, context) : outOfTurn(state)
    case 'close':
      if (isLive(state)) return close(state, event.close, context)
      return state.state === 'settled' ? amend(state, event.close) : outOfTurn(state)
    case 'half-close':
      return halfClose(state)
    case 'lost':
      return lost(state)
    case 'violated':
    case 'failed':
      return fail(state, event.error)
    case 'opened':
      return opened(state, event, context)
    case 'extended':
      return isLive(state) ? extended(state, event, context) : stay(state)
    case 'extension-denied':
      return isLive(state) ? denied(state, event, context) : stay(state)
    case 'extension-failed':
      return stay(isLive(state) ? { ...state, deniedAt: context.now, owesExtension: true } : state)
    case 'recorded':
      return isLive(state) ? recorded(state, event, context) : stay(state)
    case 'moved':
      return lookUp(isLive(state) ? { ...state, owesExtension: true } : state)
    case 'overdue':
      return lookUp(state)
    case 'found':
      return found(state, event, context)
    case 'look-up-failed':
      // An unreachable database says nothing about the stream. The stream continues, and tries again at its next write or tick.
      return isLive(state) ? stay(state) : fail(state, event.error)
    case 'settled':
      return settled(event.settlement, { replayed: event.replayed, now: context.now })
    case 'deferred':
      return {
        state: { state: 'settled' },
        effects: [{ do: 'send deferred', deferred: event.deferred, replayed: event.replayed }, { do: 'end' }],
      }
    case 'tick':
      return isLive(state) && state.owesExtension && mayAsk(state, context)
        ? advance({ ...state, owesExtension: false }, context)
        : stay(state)
    case 'silent':
      return silent(state)
    case 'drain':
      if (isLive(state)) return drain(state)
      if (state.state === 'opening') return stay({ ...state, drains: true })
      // A stream that has not started yet starts elsewhere.
      return state.state === 'unopened' ? fail(state, shuttingDown()) : stay(state)
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

function opened(
  before: StreamState,
  { hold, terms }: Extract<StreamEvent, { type: 'opened' }>,
  { now }: StepContext,
): Step {
  const { sequence, usage } = hold
  const granted = withHold({ hold, terms, latest: { sequence, usage }, recordedSequence: sequence }, now)
  if (before.state !== 'opening' || before.drains !== true || !isLive(granted.state)) return granted
  const { state, effects } = drain(granted.state)
  return { state, effects: [...granted.effects, ...effects] }
}

function progressed(live: LiveState, progress: Progress, context: StepContext): Step {
  if (progress.sequence < 1n) return fail(live, protocol('sequences start at 1'))
  const next =
    progress.sequence > live.latest.sequence ? withRerateThreshold({ ...live, latest: progress }) : live
  // Usage that can't be charged must not become the last progress, which could then not be settled.
  if (
    next !== live &&
    costOf(next.terms, next.latest.usage) > chargeMaxOf(next.terms.open, context.rules.chargeNanousdMax)
  ) {
    return fail(live, anomaly())
  }
  return advance(next, context)
}

function extended(
  live: LiveState,
  { hold }: Extract<StreamEvent, { type: 'extended' }>,
  { now }: StepContext,
): Step {
  const isNew = hold.sequence > live.recordedSequence
  const recordedSequence = isNew ? hold.sequence : live.recordedSequence
  const { state, effects } = withHold({ ...live, hold, recordedSequence }, now)
  if (!isNew) return { state, effects }
  const costNanousd = costOf(live.terms, hold.usage)
  return { state, effects: [{ do: 'send ack', sequence: hold.sequence, costNanousd }, ...effects] }
}

/** The hold stays as it is, and its last grant is final now. It is renewed as long as progress is reported. */
function denied(
  live: LiveState,
  { limitedBy }: Extract<StreamEvent, { type: 'extension-denied' }>,
  context: StepContext,
): Step {
  const last = regrant({ ...live, deniedAt: context.now, owesExtension: false }, context.now, limitedBy)
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
    hold: { ...live.hold, ...(isNew && progress), ...(isRenewed && { expiresAt }) },
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

function lost(state: StreamState): Step {
  const left = detach(state)
  return { state: left.state, effects: [...left.effects, { do: 'end' }] }
}

/** A live stream that falls silent expires by its hold; here it is connections without one that take up room. */
function silent(state: StreamState): Step {
  if (state.state === 'unopened') return fail(state, protocol('no open came'))
  return state.state === 'settled' ? { state, effects: [{ do: 'end' }] } : stay(state)
}

function lookUp(state: StreamState): Step {
  return isLive(state) || state.state === 'settling'
    ? { state, effects: [{ do: 'look up', hold: state.hold }] }
    : stay(state)
}

function drain(live: LiveState): Step {
  return {
    state: live,
    effects: [{ do: 'send drain' }, { do: 'record', hold: live.hold, progress: live.latest, renew: false }],
  }
}

/** Before the open it is a mistake; after the end it crossed the answer on its way. */
function outOfTurn(state: StreamState): Step {
  return state.state === 'unopened' ? fail(state, protocol('the first message must be an open')) : stay(state)
}

function stay(state: StreamState): Step {
  return { state, effects: [] }
}
