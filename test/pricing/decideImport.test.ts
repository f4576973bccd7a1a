import type { StoredPriceChange } from '../../src/database/prices/priceChanges'
import type { StoredPrice } from '../../src/database/prices/priceRow'
import { changeIdsOf, decideImport, type ImportedSource, newVersion } from '../../src/pricing/decideImport'
import type { ListedPrice } from '../../src/pricing/feeds/priceList'
import { PeerPrices } from '../../src/pricing/peerPrices'
import { cardOf } from '../support/priceBooks'

const now = new Date('2026-11-30T12:00:00Z')
const before = new Date('2026-01-01T00:00:00Z')

function listed(provider: string, input: number, output: number, model = 'gpt-oss-120b'): ListedPrice {
  return { model, provider, rateCards: [cardOf({ INPUT_TOKENS: input, OUTPUT_TOKENS: output })] }
}

function stored(price: ListedPrice, source: ImportedSource): StoredPrice {
  return newVersion(price, source, before)
}

const peers = new PeerPrices([
  listed('groq', 0.15, 0.75),
  listed('openrouter', 0.1, 0.5, 'openai/gpt-oss-120b'),
  listed('aws', 0.15, 0.6, 'openai.gpt-oss-120b-1:0'),
  listed('cerebras', 0.25, 0.69),
])

interface Case {
  title: string
  entry: ListedPrice
  source?: ImportedSource
  current?: StoredPrice[]
  known?: StoredPrice[]
  earlier?: StoredPriceChange['state']
  outcome: { inserts: number; ends: number; heldBack: number; newChanges: number; nowApplied: number }
  reason?: string
}

const nothing = { inserts: 0, ends: 0, heldBack: 0, newChanges: 0, nowApplied: 0 }
const own = stored(listed('wandb', 0.15, 0.6), 'stored')

const cases: Case[] = [
  {
    title: 'a first price like its peers',
    entry: listed('wandb', 0.15, 0.6),
    outcome: { ...nothing, inserts: 1 },
  },
  {
    title: 'a first price a hundred times off (BerriAI/litellm 38167)',
    entry: listed('wandb', 15, 60),
    outcome: { ...nothing, heldBack: 1, newChanges: 1 },
    reason: 'times off the 150000000',
  },
  {
    title: 'a first price a hundredth of its peers',
    entry: listed('wandb', 0.0015, 0.006),
    outcome: { ...nothing, heldBack: 1, newChanges: 1 },
    reason: 'more than 10 times off',
  },
  {
    title: 'the same as an operator’s own',
    entry: listed('wandb', 15, 60),
    source: 'operator',
    outcome: { ...nothing, inserts: 1 },
  },
  {
    title: 'a first price that another source agrees with',
    entry: listed('wandb', 15, 60),
    known: [stored(listed('wandb', 15, 60), 'live')],
    outcome: { ...nothing, inserts: 1 },
  },
  {
    title: 'a first price that was held back, and agrees by now',
    entry: listed('wandb', 15, 60),
    known: [stored(listed('wandb', 15, 60), 'live')],
    earlier: 'held-back',
    outcome: { ...nothing, inserts: 1, nowApplied: 1 },
  },
  {
    title: 'a first price of a model that nobody else has',
    entry: listed('wandb', 15, 60, 'only-here'),
    outcome: { ...nothing, inserts: 1 },
  },
  {
    title: 'a change of a third',
    entry: listed('wandb', 0.2, 0.6),
    current: [own],
    outcome: { ...nothing, inserts: 1, ends: 1, newChanges: 1 },
  },
  {
    title: 'a change of a factor of three',
    entry: listed('wandb', 0.45, 0.6),
    current: [own],
    outcome: { ...nothing, heldBack: 1, newChanges: 1 },
    reason: 'INPUT_TOKENS would move',
  },
  {
    title: 'the same again',
    entry: listed('wandb', 0.45, 0.6),
    current: [own],
    earlier: 'held-back',
    outcome: { ...nothing, heldBack: 1 },
  },
  {
    title: 'a change that an operator turned down, though a source agrees',
    entry: listed('wandb', 0.45, 0.6),
    current: [own],
    known: [stored(listed('wandb', 0.45, 0.6), 'live')],
    earlier: 'rejected',
    outcome: { ...nothing, heldBack: 1 },
  },
]

test.each(cases)(
  '$title',
  ({ entry, source = 'stored', current = [], known = [], earlier, outcome, reason = '' }) => {
    const [changeId = ''] = changeIdsOf([entry], current)
    const seen = new Map<string, StoredPriceChange>()
    if (earlier !== undefined) {
      seen.set(changeId, {
        changeId,
        model: entry.model,
        provider: entry.provider,
        source,
        beforePriceId: current[0]?.priceId ?? '',
        after: { rateCards: entry.rateCards },
        state: earlier,
        reason: '',
        seenAt: before,
      })
    }
    const facts = { source, now, changePercentMax: 50, current, known: [...current, ...known], seen, peers }
    const decision = decideImport([entry], facts)
    expect({
      inserts: decision.inserts.length,
      ends: decision.ends.length,
      heldBack: decision.heldBack,
      newChanges: decision.newChanges.length,
      nowApplied: decision.nowApplied.length,
    }).toEqual(outcome)
    if (outcome.newChanges > 0 && outcome.heldBack > 0) {
      expect(decision.newChanges[0]).toMatchObject({
        state: 'held-back',
        reason: expect.stringContaining(reason),
      })
    }
  },
)
