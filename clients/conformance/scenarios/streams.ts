import { costOf, OTHER_MODEL, TIER } from '../prices'
import type { Scenario } from '../protocol'
import { connected, PROVIDER_ENDS, providerSays, streaming, usageChunk, WORD, words } from './parts'

/** How a generation ends while everything works. */
export const STREAMS: readonly Scenario[] = [
  {
    name: 'a stream ends with the usage of the provider, which comes late',
    steps: [
      connected(),
      streaming(),
      words(300, 300),
      providerSays(usageChunk(900, 320)),
      PROVIDER_ENDS,
      { answerOf: 's1', answers: { outcome: 'charged', amountNanousd: `${costOf(900, 320)}` } },
    ],
    chargedNanousd: costOf(900, 320),
    charges: 1,
  },
  {
    name: 'the usage of the provider never comes: what was delivered is charged',
    steps: [
      connected(),
      streaming(),
      words(300, 300),
      PROVIDER_ENDS,
      { answerOf: 's1', answers: { outcome: 'charged', amountNanousd: `${costOf(1_000, 300)}` } },
    ],
    chargedNanousd: costOf(1_000, 300),
    charges: 1,
  },
  {
    name: 'a usage of zeros after the real one wipes out nothing',
    steps: [
      connected(),
      streaming(),
      words(100, 100),
      providerSays(usageChunk(900, 104)),
      providerSays(usageChunk(0, 0)),
      PROVIDER_ENDS,
      { answerOf: 's1', answers: { outcome: 'charged' } },
    ],
    chargedNanousd: costOf(900, 104),
    charges: 1,
  },
  {
    name: 'a usage far below the words delivered is not believed',
    steps: [
      connected(),
      streaming(),
      words(100, 100),
      providerSays(usageChunk(1_000, 10)),
      PROVIDER_ENDS,
      { answerOf: 's1', answers: { outcome: 'charged' } },
    ],
    chargedNanousd: costOf(1_000, 100),
    charges: 1,
  },
  {
    name: 'the chunks name another tier than was asked for: it is charged as it was served',
    steps: [
      connected(),
      streaming(),
      providerSays({ ...WORD, service_tier: TIER }),
      words(99, 100),
      providerSays(usageChunk(900, 104)),
      PROVIDER_ENDS,
      { answerOf: 's1', answers: { outcome: 'charged', amountNanousd: `${2n * costOf(900, 104)}` } },
    ],
    chargedNanousd: 2n * costOf(900, 104),
    charges: 1,
  },
  {
    name: 'the end user hangs up before the usage: what was delivered is charged as it was served',
    steps: [
      connected(),
      streaming(),
      providerSays({ ...WORD, model: OTHER_MODEL }),
      words(49, 50),
      { ask: { do: 'leave', stream: 's1' } },
      { answerOf: 's1', answers: { outcome: 'charged', stoppedBy: 'ABORTED', delivered: 50 } },
    ],
    chargedNanousd: 3n * costOf(1_000, 50),
    charges: 1,
  },
  {
    name: 'a message of another model than was asked for is charged at the price of that model',
    steps: [
      connected(),
      streaming({ format: 'anthropic.messages' }),
      providerSays({
        type: 'message_start',
        message: { model: OTHER_MODEL, usage: { input_tokens: 900, output_tokens: 1 } },
      }),
      providerSays({ type: 'content_block_delta', delta: { text: 'abc ' } }),
      providerSays({ type: 'message_delta', usage: { output_tokens: 30, service_tier: 'standard' } }),
      PROVIDER_ENDS,
      { answerOf: 's1', answers: { outcome: 'charged', amountNanousd: `${3n * costOf(900, 30)}` } },
    ],
    chargedNanousd: 3n * costOf(900, 30),
    charges: 1,
  },
  {
    name: 'a user without credits is refused, and the provider is not called',
    creditsNanousd: 1n,
    steps: [
      connected(),
      streaming(),
      {
        answerOf: 's1',
        answers: { outcome: 'refused', reason: 'INSUFFICIENT_CREDITS', providerCalled: false },
      },
    ],
    chargedNanousd: 0n,
    charges: 0,
  },
  {
    name: 'the credits run dry in the middle: the stream stops before the first word that is not paid for',
    creditsNanousd: costOf(1_000, 250),
    steps: [
      connected(),
      streaming(),
      words(400, 250),
      { answerOf: 's1', answers: { outcome: 'charged', stoppedBy: 'FINAL_REASON_CREDITS', delivered: 250 } },
    ],
    chargedNanousd: costOf(1_000, 250),
    charges: 1,
  },
  {
    name: 'a final grant of MAX_OUTPUT_TOKENS stops nothing: the provider counts better',
    steps: [
      connected(),
      streaming({ maxOutputTokens: 120 }),
      words(125, 125),
      providerSays(usageChunk(1_000, 120)),
      PROVIDER_ENDS,
      { answerOf: 's1', answers: { outcome: 'charged', delivered: 126 } },
    ],
    chargedNanousd: costOf(1_000, 120),
    charges: 1,
  },
  {
    name: 'the end user hangs up: what was delivered is charged',
    steps: [
      connected(),
      streaming(),
      words(50, 50),
      { ask: { do: 'leave', stream: 's1' } },
      { answerOf: 's1', answers: { outcome: 'charged', stoppedBy: 'ABORTED', delivered: 50 } },
    ],
    chargedNanousd: costOf(1_000, 50),
    charges: 1,
  },
  {
    name: 'the provider fails in the middle: what was delivered is charged',
    steps: [
      connected(),
      streaming(),
      words(50, 50),
      { ask: { do: 'end', stream: 's1', fails: true } },
      { answerOf: 's1', answers: { outcome: 'charged', delivered: 50 } },
    ],
    chargedNanousd: costOf(1_000, 50),
    charges: 1,
  },
  {
    name: 'the provider fails before its first word: nothing is charged',
    steps: [
      connected(),
      streaming(),
      { ask: { do: 'end', stream: 's1', fails: true } },
      { answerOf: 's1', answers: { outcome: 'nothing' } },
    ],
    chargedNanousd: 0n,
    charges: 1,
  },
  {
    name: 'the gateway shuts down cleanly with a stream open: what was delivered is settled',
    steps: [
      connected(),
      streaming(),
      words(50, 50),
      { ask: { do: 'close' } },
      { answerOf: 's1', answers: { outcome: 'charged' } },
    ],
    chargedNanousd: costOf(1_000, 50),
    charges: 1,
  },
]
