import { costOf } from '../prices'
import type { Command, Scenario } from '../protocol'
import { connected, SHORT_WAIT } from './parts'

const USAGE = { inputTokens: 1_000, outputTokens: 100 }
const COST = costOf(1_000, 100)

function held(idempotencyKey: string, overrides: object = {}): Command {
  const open = { idempotencyKey, inputTokens: 1_000, maxOutputTokens: 100 }
  return { do: 'hold', open, takesMs: 300, usage: USAGE, ...overrides }
}

export const HOLDS: readonly Scenario[] = [
  {
    name: 'hold(): five concurrent calls on a balance for one: four are refused before the provider is called',
    creditsNanousd: COST,
    steps: [
      connected(),
      {
        ask: held('call', { takesMs: 1_000 }),
        times: 5,
        answers: {
          outcomes: { 'charged, provider called': 1, 'refused INSUFFICIENT_CREDITS, provider not called': 4 },
        },
      },
    ],
    chargedNanousd: COST,
    charges: 1,
  },
  {
    name: 'hold(): the provider fails: nothing is charged, and the hold is given back',
    steps: [
      connected(),
      { ask: held('call', { fails: true }), answers: { outcome: 'nothing', providerCalled: true } },
    ],
    chargedNanousd: 0n,
    charges: 1,
  },
  {
    name: 'hold(): the server is killed while the provider answers: the end is kept, and delivered later',
    steps: [
      connected(SHORT_WAIT),
      { ask: held('call', { takesMs: 1_500 }), later: 'held' },
      { wait: 750 },
      { server: 'kill' },
      { answerOf: 'held', answers: { outcome: 'kept', providerCalled: true } },
      { wait: 'outage' },
      { server: 'start' },
      { delivers: 1 },
    ],
    chargedNanousd: COST,
    charges: 1,
  },
  {
    name: 'while tollgate is down, a user admitted before may continue and a stranger is refused',
    steps: [
      connected(SHORT_WAIT),
      { ask: held('before'), answers: { outcome: 'charged', amountNanousd: `${COST}` } },
      { server: 'kill' },
      { ask: held('during'), answers: { outcome: 'kept', providerCalled: true } },
      {
        ask: held('strange', {
          open: { idempotencyKey: 'strange', userId: 'stranger', inputTokens: 1_000, maxOutputTokens: 100 },
        }),
        answers: { outcome: 'refused', reason: 'UNAVAILABLE', providerCalled: false },
      },
      { server: 'start' },
      { delivers: 1 },
    ],
    chargedNanousd: 2n * COST,
    charges: 2,
  },
]
