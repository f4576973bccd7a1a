import type { StepContext } from './grant'
import { amendmentNotImplemented, anomaly, fenced, movedTooOften, protocol } from './refusals'
import {
  type Close,
  type Ending,
  isLive,
  type LiveState,
  type Settlement,
  type Step,
  type StreamEvent,
  type StreamState,
} from './state'
import { costOf } from './stretch'

/** Postings of ours that found the stream moved, though it was still ours, before the connection gives up. */
const ATTEMPTS_MAX = 3

/** The client's last word: final whatever its sequence. */
export function close(
  live: LiveState,
  { sequence, usage, usageSource, end }: Close,
  { rules }: StepContext,
): Step {
  const final = usage ?? live.latest.usage
  if (costOf(live.terms, final) > rules.chargeNanousdMax) return fail(live, anomaly())
  // Where the settlement can't be written now, this is what is left to be recorded.
  const latest = sequence > live.latest.sequence ? { sequence, usage: final } : live.latest
  return settle({ ...live, latest }, { usage: final, usageSource, end })
}

/** No more messages come: the last progress stands. */
export function halfClose(state: StreamState): Step {
  if (isLive(state)) {
    return settle(state, { usage: state.latest.usage, usageSource: 'unspecified', end: 'unspecified' })
  }
  if (state.state === 'unopened') return fail(state, protocol('the first message must be an open'))
  return state.state === 'settled' ? { state, effects: [{ do: 'end' }] } : { state, effects: [] }
}

/** What the database said of a stream that had moved: ended, taken over, or ours still with an unseen posting of our own. */
export function found(
  state: StreamState,
  { hold, settlement }: Extract<StreamEvent, { type: 'found' }>,
  { now }: StepContext,
): Step {
  if (state.state === 'opening' && settlement !== undefined) {
    return settled(settlement, { replayed: true, now })
  }
  if (!isLive(state) && state.state !== 'settling') return { state, effects: [] }
  if (hold.epoch !== state.hold.epoch) {
    return { state: { state: 'fenced' }, effects: [{ do: 'fail', error: fenced() }] }
  }
  if (settlement !== undefined) {
    return state.state === 'settling' && settlement.amendableUntil !== undefined
      ? { state: { state: 'settled' }, effects: [{ do: 'fail', error: amendmentNotImplemented() }] }
      : settled(settlement, { replayed: true, now })
  }
  if (state.state !== 'settling') {
    return { state: { ...state, hold, renewing: false }, effects: [] }
  }
  return state.attempts < ATTEMPTS_MAX
    ? settle({ ...state, hold }, state.ending, state.attempts + 1)
    : fail(state, movedTooOften())
}

/** The receipt. One that may still be amended leaves the connection to the client. */
export function settled(settlement: Settlement, { replayed, now }: { replayed: boolean; now: Date }): Step {
  const { amendableUntil } = settlement
  const amendable = amendableUntil !== undefined && amendableUntil > now
  return {
    state: { state: 'settled', ...(amendable && { amendableUntil }) },
    effects: [{ do: 'send settled', settlement, replayed }, ...(amendable ? [] : [{ do: 'end' } as const])],
  }
}

/** Ends the connection with an error; a live stream stays, to be resumed or to expire. */
export function fail(state: StreamState, error: unknown): Step {
  const left = detach(state)
  return {
    state: left.state.state === 'detached' ? left.state : { state: 'refused' },
    effects: [...left.effects, { do: 'fail', error }],
  }
}

/** Leaves a live stream as it is, with all that is known of it recorded. */
export function detach(state: StreamState): Step {
  if (isLive(state) || state.state === 'settling') {
    return {
      state: { state: 'detached' },
      effects: [{ do: 'detach', hold: state.hold, progress: state.latest }],
    }
  }
  return state.state === 'unopened' ? { state: { state: 'refused' }, effects: [] } : { state, effects: [] }
}

function settle(
  live: LiveState | Extract<StreamState, { state: 'settling' }>,
  ending: Ending,
  attempts = 1,
): Step {
  const { terms, hold } = live
  return {
    state: { ...live, state: 'settling', ending, attempts },
    effects: [{ do: 'settle', hold, terms, ending }],
  }
}
