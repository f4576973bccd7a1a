import { costOf } from '../prices'
import type { Command, Scenario, Step } from '../protocol'
import { connected, PROVIDER_ENDS, providerSays, SHORT_WAIT, streaming, usageChunk, words } from './parts'

const CALL: Command = {
  do: 'charge',
  request: { idempotencyKey: 'call', usage: { inputTokens: 1_000, outputTokens: 100 } },
}
const CALL_COST = costOf(1_000, 100)

function delivered(count: number): Step {
  return { delivers: count }
}

/** What breaks, and who comes back. An `outage` is 30 s in full, and shorter in CI. */
export const OUTAGES: readonly Scenario[] = [
  {
    name: 'the server is killed in the middle of a stream, and comes back before it ends',
    steps: [
      connected(),
      streaming(),
      words(60, 60),
      { server: 'kill' },
      words(20, 80),
      { wait: 'outage' },
      { server: 'start' },
      words(120, 200),
      providerSays(usageChunk(1_000, 205)),
      PROVIDER_ENDS,
      { answerOf: 's1', answers: { outcome: 'charged', amountNanousd: `${costOf(1_000, 205)}` } },
    ],
    chargedNanousd: costOf(1_000, 205),
    charges: 1,
  },
  {
    name: 'the server is killed, and the stream runs beyond its grant and ends meanwhile: its end is kept',
    steps: [
      connected(SHORT_WAIT),
      streaming(),
      words(60, 60),
      { server: 'kill' },
      words(440, 500),
      PROVIDER_ENDS,
      { answerOf: 's1', answers: { outcome: 'kept' } },
      { wait: 'outage' },
      { server: 'start' },
      delivered(1),
    ],
    chargedNanousd: costOf(1_000, 500),
    charges: 1,
  },
  {
    name: 'what may be delivered beyond a grant is bounded',
    steps: [
      connected({ ...SHORT_WAIT, outputTokensBeyondGrant: 200 }),
      streaming(),
      words(60, 60),
      { server: 'kill' },
      words(1_000),
      { answerOf: 's1', answers: { outcome: 'kept', stoppedBy: 'UNREACHABLE' } },
      { server: 'start' },
      delivered(1),
    ],
    chargedNanousd: { inputTokens: 1_000, deliveredOf: 's1' },
    charges: 1,
  },
  {
    name: 'a charge while tollgate is down is kept, and delivered when it is back',
    steps: [
      connected(SHORT_WAIT),
      { server: 'kill' },
      { ask: CALL, answers: { outcome: 'kept' } },
      { ask: { do: 'deliver' }, answers: { deliveredCount: 0, waitingCount: 1, refusedCount: 0 } },
      { wait: 'outage' },
      { wait: 'outage' },
      { server: 'start' },
      delivered(1),
    ],
    chargedNanousd: CALL_COST,
    charges: 1,
  },
  {
    name: 'the gateway is killed and started again with its store, which has a charge and a stream',
    steps: [
      connected(SHORT_WAIT),
      streaming(),
      words(60, 60),
      { server: 'kill' },
      { ask: CALL, answers: { outcome: 'kept' } },
      PROVIDER_ENDS,
      { answerOf: 's1', answers: { outcome: 'kept' } },
      { gateway: 'kill' },
      { server: 'start' },
      { gateway: 'start' },
      connected(SHORT_WAIT),
      delivered(2),
    ],
    chargedNanousd: CALL_COST + costOf(1_000, 60),
    charges: 2,
  },
  {
    name: "the store is given to another language's client",
    steps: [
      connected(SHORT_WAIT),
      streaming(),
      words(60, 60),
      { server: 'kill' },
      { ask: CALL, answers: { outcome: 'kept' } },
      PROVIDER_ENDS,
      { answerOf: 's1', answers: { outcome: 'kept' } },
      { gateway: 'kill' },
      { server: 'start' },
      { gateway: 'start another' },
      connected(SHORT_WAIT),
      delivered(2),
    ],
    chargedNanousd: CALL_COST + costOf(1_000, 60),
    charges: 2,
  },
  {
    name: 'the gateway is killed in the middle of a stream: what it reported is charged',
    steps: [
      connected(SHORT_WAIT),
      streaming(),
      words(50, 50),
      // Later than the interval between two reports: the next word is reported, and recorded.
      { wait: 1_200 },
      words(1, 51),
      { wait: 1_500 },
      { gateway: 'kill' },
      { holds: 'expire' },
    ],
    chargedNanousd: costOf(1_000, 51),
    charges: 1,
  },
  {
    name: 'the server drains: the stream continues on another one',
    steps: [
      connected(SHORT_WAIT),
      streaming(),
      words(60, 60),
      { server: 'replace' },
      words(300, 360),
      PROVIDER_ENDS,
      { answerOf: 's1', answers: { outcome: 'charged', amountNanousd: `${costOf(1_000, 360)}` } },
    ],
    chargedNanousd: costOf(1_000, 360),
    charges: 1,
  },
  {
    name: 'another gateway takes the stream over: the fenced one stops, and settles nothing',
    steps: [
      connected({ outputTokensBeyondGrant: 0 }),
      streaming(),
      words(60, 60),
      {
        elsewhere: { idempotencyKey: 's1', inputTokens: 1_000 },
        closesWith: { inputTokens: 1_000, outputTokens: 70 },
      },
      words(10),
      PROVIDER_ENDS,
      { answerOf: 's1', answers: {} },
    ],
    chargedNanousd: costOf(1_000, 70),
    charges: 1,
  },
  {
    name: 'the stream expires while the network is down: its close amends the settlement',
    steps: [
      connected(),
      streaming(),
      words(60, 60),
      { network: 'down' },
      words(20, 80),
      { holds: 'expire' },
      { network: 'up' },
      PROVIDER_ENDS,
      { answerOf: 's1', answers: { outcome: 'charged', amountNanousd: `${costOf(1_000, 80)}` } },
    ],
    chargedNanousd: costOf(1_000, 80),
    charges: 1,
  },
  {
    name: 'the server hangs: a hundred charges end in time, are kept, and cost a bounded memory',
    steps: [
      connected({ timeoutMs: 2_500, attemptTimeoutMs: 1_000 }),
      { server: 'hang' },
      { ask: CALL, times: 100, answers: { outcomes: { kept: 100 } } },
      { memoryGrowthMax: 200_000_000 },
      { server: 'wake' },
      delivered(100),
    ],
    chargedNanousd: 100n * CALL_COST,
    charges: 100,
  },
  {
    name: 'a full store takes no more, and says so',
    steps: [
      connected({ storeBytesMax: 2 * 4_096 }),
      { server: 'kill' },
      { ask: CALL, times: 3, answers: { outcomes: { kept: 2, 'undecided STORE_FULL': 1 } } },
      { server: 'start' },
      delivered(2),
    ],
    chargedNanousd: 2n * CALL_COST,
    charges: 2,
  },
]
