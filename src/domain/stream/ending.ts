import { BillingError } from '../errors'
import type { Usage } from '../usage/usage'
import { amend, heardMore } from './amendment'
import type { StepContext } from './grant'
import { anomaly, fenced, movedTooOften, protocol } from './refusals'
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
import { chargeMaxOf, costOf } from './stretch'

/** The connection gives up after this many postings found a stream moved that it still owns. */
const ATTEMPTS_MAX = 3

/** The client's close is final, whatever its sequence. */
export function close(
  live: LiveState,
  { sequence, usage, unreadable, ...rest }: Close,
  { rules }: StepContext,
): Step {
  const final = usage ?? live.latest.usage
  const error = unreadable ?? problemOf(live, final, rules)
  // A stated cost and parts that others served cost something else, which the settlement checks.
  const isRatedHere = rest.serving?.reportedCost === undefined && rest.serving?.parts === undefined
  if (error !== undefined && (unreadable !== undefined || isRatedHere)) {
    const ending = { usage: final, ...rest }
    return { state: live, effects: [{ do: 'refuse', hold: live.hold, ending, error }] }
  }
  // If the settlement can't be written now, this progress is still recorded.
  const latest = sequence > live.latest.sequence ? { sequence, usage: final } : live.latest
  return settle({ ...live, latest }, { usage: final, ...rest })
}

/** Why a usage can't be charged as it is. */
function problemOf(
  { terms }: LiveState,
  usage: Usage,
  { chargeNanousdMax }: StepContext['rules'],
): BillingError | undefined {
  try {
    return costOf(terms, usage) > chargeMaxOf(terms.open, chargeNanousdMax) ? anomaly() : undefined
  } catch (error) {
    if (error instanceof BillingError) return error
    throw error
  }
}

/** No more messages follow, so the last progress is settled; a job is left as it is. */
export function halfClose(state: StreamState): Step {
  // A job outlives the connections that report it.
  if (isLive(state) && state.terms.open.holdSeconds !== undefined) {
    const left = detach(state)
    return { state: left.state, effects: [...left.effects, { do: 'end' }] }
  }
  if (isLive(state)) {
    return settle(state, { usage: state.latest.usage, usageSource: 'unspecified', end: 'unspecified' })
  }
  if (state.state === 'unopened') return fail(state, protocol('the first message must be an open'))
  if (state.state !== 'settled') return { state, effects: [] }
  return heardMore(state.amendable)
    ? amend(state, { sequence: 0n, usageSource: 'unspecified', end: 'unspecified' })
    : { state, effects: [{ do: 'end' }] }
}

/** What the database said of a stream that had moved: ended, taken over, or ours still with an unseen posting of our own. */
export function found(
  state: StreamState,
  { hold, settlement }: Extract<StreamEvent, { type: 'found' }>,
  { now }: StepContext,
): Step {
  if (!isLive(state) && state.state !== 'settling') return { state, effects: [] }
  if (hold.epoch !== state.hold.epoch) {
    return { state: { state: 'fenced' }, effects: [{ do: 'fail', error: fenced() }] }
  }
  if (settlement !== undefined) {
    const ended = settled(settlement, { replayed: true, now, reported: state.latest.usage })
    // Its close was a moment too late, and is none the worse for it.
    return state.state === 'settling' &&
      ended.state.state === 'settled' &&
      ended.state.amendable !== undefined
      ? amend(ended.state, { sequence: 0n, ...state.ending })
      : ended
  }
  if (state.state !== 'settling') {
    return { state: { ...state, hold, renewing: false }, effects: [] }
  }
  return state.attempts < ATTEMPTS_MAX
    ? settle({ ...state, hold }, state.ending, state.attempts + 1)
    : fail(state, movedTooOften())
}

/** The receipt. One that may still be amended leaves the connection to the client. */
export function settled(
  settlement: Settlement,
  { replayed, now, reported }: { replayed: boolean; now: Date; reported?: Usage },
): Step {
  const { amendableUntil } = settlement
  const isAmendable = amendableUntil !== undefined && amendableUntil > now
  const send = { do: 'send settled', settlement, replayed } as const
  if (!isAmendable) return { state: { state: 'settled' }, effects: [send, { do: 'end' }] }
  const amendable = { settlement, ...(reported !== undefined && { reported }) }
  return { state: { state: 'settled', amendable }, effects: [send] }
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
