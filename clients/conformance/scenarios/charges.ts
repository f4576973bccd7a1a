import { costOf } from '../prices'
import type { Command, Scenario } from '../protocol'
import { connected } from './parts'

const CALL: Command = {
  do: 'charge',
  request: { idempotencyKey: 'call', usage: { inputTokens: 1_000, outputTokens: 100 } },
}
const COST = costOf(1_000, 100)

export const CHARGES: readonly Scenario[] = [
  {
    name: 'a finished call is charged, and the same call again is a replay',
    steps: [
      connected(),
      { ask: CALL, answers: { outcome: 'charged', amountNanousd: `${COST}`, replayed: false } },
      { ask: CALL, answers: { outcome: 'charged', amountNanousd: `${COST}`, replayed: true } },
    ],
    chargedNanousd: COST,
    charges: 1,
  },
  {
    name: 'the reply to a charge is lost twice: it is sent again under its key',
    steps: [
      // On a loaded machine the connection comes back later than three retries.
      connected({ retriesMax: 10 }),
      { network: 'losesReplies', count: 2 },
      { ask: CALL, answers: { outcome: 'charged', amountNanousd: `${COST}`, replayed: true } },
    ],
    chargedNanousd: COST,
    charges: 1,
  },
  {
    name: 'every reply to a charge is lost: it is kept, and delivered later',
    steps: [
      connected({ retriesMax: 1 }),
      { network: 'losesReplies', count: 2 },
      { ask: CALL, answers: { outcome: 'kept' } },
      { delivers: 1 },
      { ask: { do: 'deliver' }, answers: { deliveredCount: 0, waitingCount: 0, refusedCount: 0 } },
    ],
    chargedNanousd: COST,
    charges: 1,
  },
  {
    name: 'a refusal is not asked again, and not kept',
    creditsNanousd: 1n,
    steps: [
      connected(),
      { ask: CALL, answers: { outcome: 'refused', reason: 'INSUFFICIENT_CREDITS' } },
      { callsMax: 1 },
      { ask: { do: 'deliver' }, answers: { deliveredCount: 0, waitingCount: 0, refusedCount: 0 } },
    ],
    chargedNanousd: 0n,
    charges: 0,
    failuresNanousd: COST,
  },
  {
    name: 'forty charges at once travel in a few calls, and each is charged',
    steps: [connected(), { ask: CALL, times: 40, answers: { outcomes: { charged: 40 } } }, { callsMax: 20 }],
    chargedNanousd: 40n * COST,
    charges: 40,
  },
  {
    name: 'without a store, a charge that nobody answers is undecided',
    steps: [
      { ask: { do: 'connect', timeoutMs: 2_000, attemptTimeoutMs: 1_000, retriesMax: 1 }, answers: {} },
      { network: 'down' },
      { ask: CALL, answers: { outcome: 'undecided', reason: 'UNAVAILABLE' } },
    ],
    chargedNanousd: 0n,
    charges: 0,
  },
  {
    name: 'a store that cannot be written is reported at the start',
    steps: [{ ask: { do: 'connect', store: '/dev/null/store' }, answers: { error: 'STORE_UNWRITABLE' } }],
    chargedNanousd: 0n,
    charges: 0,
  },
]
