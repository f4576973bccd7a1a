import fc from 'fast-check'
import type { OpenPosting, Posting } from '../../src/domain/posting'
import { availableOf } from '../../src/domain/user'
import type { LedgerEngine } from '../../src/ledger/engine'
import { givenUser, outcomeOf, startLedger, userOf, whatIsWrong } from '../support/ledger'
import { aCharge, aGrant, anExtension, anOpen, aSettlement } from '../support/postings'
import { type TestDatabase, testDatabase } from '../support/testDatabase'

// Random sequences of postings against a plain model in memory. The model knows sums and keys, nothing of batches, swaps or rows.

let database: TestDatabase
let ledger: LedgerEngine
let users = 0

beforeAll(async () => {
  database = await testDatabase()
  ledger = await startLedger(database.connection)
})

afterAll(async () => {
  await ledger.drain()
  await database.drop()
})

type Step =
  | { do: 'charge'; key: number; amount: bigint }
  | { do: 'grant'; key: number; amount: bigint; pot: 'allowance' | 'credits'; mode: 'add' | 'set' }
  | { do: 'open'; key: number; minimum: bigint; want: bigint }
  | { do: 'extend'; key: number; want: bigint }
  | { do: 'settle'; key: number; amount: bigint }

const key = fc.integer({ min: 0, max: 7 })
const amount = fc.bigInt({ min: 0n, max: 60n })
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('charge' as const), key, amount }),
  fc.record({
    do: fc.constant('grant' as const),
    key,
    amount: fc.bigInt({ min: -40n, max: 100n }),
    pot: fc.constantFrom('allowance' as const, 'credits' as const),
    mode: fc.constantFrom('add' as const, 'add' as const, 'set' as const),
  }),
  fc
    .record({ key, minimum: amount, more: amount })
    .map(({ more, ...open }) => ({ do: 'open' as const, ...open, want: open.minimum + more })),
  fc.record({ do: fc.constant('extend' as const), key, want: fc.bigInt({ min: 0n, max: 200n }) }),
  fc.record({ do: fc.constant('settle' as const), key, amount: fc.bigInt({ min: 0n, max: 150n }) }),
)

interface ModelHold {
  held: bigint
  postings: number
  open: OpenPosting
  live: boolean
}

class Model {
  allowance = 0n
  credits = 0n
  entries = 0n
  holds = new Map<number, ModelHold>()
  keys = new Map<string, string>()
  /** Of calls that could not be deducted: nothing else takes effect under these. */
  owed = new Set<number>()

  constructor(
    readonly overdraft: bigint,
    readonly dailyLimit: bigint,
  ) {}

  spent = 0n

  get held(): bigint {
    return [...this.holds.values()].reduce((sum, hold) => sum + hold.held, 0n)
  }

  get available(): bigint {
    return this.allowance + this.credits + this.overdraft - this.held
  }

  /** What is left for a hold: credits, and what the day's limit leaves. */
  get room(): bigint {
    const left = this.available > 0n ? this.available : 0n
    if (this.dailyLimit === 0n) return left
    const today = this.dailyLimit - this.spent - this.held
    return today < left ? (today > 0n ? today : 0n) : left
  }

  take(amount: bigint): void {
    const fromAllowance = amount < this.allowance ? amount : this.allowance
    this.allowance -= fromAllowance
    this.credits -= amount - fromAllowance
    this.spent += amount
  }

  apply(step: Step): string {
    const known = this.knownOutcome(step)
    if (known !== undefined) return known
    if (this.owed.has(step.key) && (step.do === 'grant' || step.do === 'open'))
      return 'IDEMPOTENCY_KEY_REUSED'
    const outcome = this.effect(step)
    if (step.do === 'charge') this.owed[outcome === 'posted' ? 'delete' : 'add'](step.key)
    if (outcome === 'posted') {
      this.entries++
      this.keys.set(
        this.keyOf(step),
        JSON.stringify(step, (_, value) => (typeof value === 'bigint' ? `${value}` : value)),
      )
    }
    return outcome
  }

  /** A settlement or an extension has a key of its own; charges, grants and opens share the client's. */
  keyOf(step: Step): string {
    if (step.do === 'extend' || step.do === 'settle')
      return `${step.key}/${this.holds.get(step.key)?.postings}`
    return `${step.key}`
  }

  knownOutcome(step: Step): string | undefined {
    if (step.do === 'extend' || step.do === 'settle') return undefined
    const before = this.keys.get(this.keyOf(step))
    if (before === undefined) return undefined
    return before === JSON.stringify(step, (_, value) => (typeof value === 'bigint' ? `${value}` : value))
      ? 'replayed'
      : 'IDEMPOTENCY_KEY_REUSED'
  }

  effect(step: Step): string {
    switch (step.do) {
      case 'charge':
        if (step.amount > this.available) return 'INSUFFICIENT_CREDITS'
        if (this.dailyLimit > 0n && this.spent + this.held + step.amount > this.dailyLimit)
          return 'DAILY_LIMIT_REACHED'
        this.take(step.amount)
        return 'posted'
      case 'grant': {
        const pot = step.pot === 'allowance' ? this.allowance : this.credits
        const delta = step.mode === 'set' ? step.amount - pot : step.amount
        const floor = step.pot === 'allowance' ? 0n : -this.overdraft
        if (delta < 0n && (pot + delta < floor || this.available + delta < 0n)) return 'INSUFFICIENT_CREDITS'
        if (step.pot === 'allowance') this.allowance += delta
        else this.credits += delta
        return 'posted'
      }
      case 'open': {
        if (this.available < step.minimum) return 'INSUFFICIENT_CREDITS'
        if (this.room < step.minimum) return 'DAILY_LIMIT_REACHED'
        const held = step.want < this.room ? step.want : this.room
        const open = anOpen('', '', { minimumNanousd: 0n, wantNanousd: 0n })
        this.holds.set(step.key, { held, postings: 0, open, live: true })
        return 'posted'
      }
      case 'extend': {
        const hold = this.holds.get(step.key)
        if (hold === undefined) return 'HOLD_NOT_FOUND'
        if (!hold.live) return 'STREAM_FENCED'
        const wanted = step.want > hold.held ? step.want - hold.held : 0n
        const added = wanted < this.room ? wanted : this.room
        if (added === 0n && wanted > 0n) return 'INSUFFICIENT_CREDITS'
        hold.held += added
        hold.postings++
        return 'posted'
      }
      case 'settle': {
        const hold = this.holds.get(step.key)
        if (hold === undefined) return 'HOLD_NOT_FOUND'
        if (!hold.live) return 'STREAM_FENCED'
        hold.held = 0n
        hold.live = false
        hold.postings++
        const payable = this.available > 0n ? this.available : 0n
        this.take(step.amount < payable ? step.amount : payable)
        return 'posted'
      }
    }
  }
}

function postingOf(userId: string, step: Step, model: Model): Posting {
  const openOf = (n: number) => anOpen(userId, `key-${n}`, { minimumNanousd: 0n, wantNanousd: 0n })
  const next = (model.holds.get(step.key)?.postings ?? 0) + 1
  switch (step.do) {
    case 'charge':
      return aCharge(userId, `key-${step.key}`, step.amount)
    case 'grant':
      return aGrant(userId, `key-${step.key}`, step.amount, { pot: step.pot, mode: step.mode })
    case 'open':
      return anOpen(userId, `key-${step.key}`, { minimumNanousd: step.minimum, wantNanousd: step.want })
    case 'extend':
      return anExtension(openOf(step.key), next, { wantNanousd: step.want })
    case 'settle':
      return aSettlement(openOf(step.key), next, { amountNanousd: step.amount })
  }
}

test('any sequence of postings gives what the model gives, one at a time and in batches', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 30 }),
      fc.constantFrom(0n, 25n),
      fc.constantFrom(0n, 80n),
      fc.boolean(),
      async (steps, overdraft, dailyLimit, together) => {
        const userId = `model-${users++}`
        await givenUser(database, userId, { overdraftLimitNanousd: overdraft, dailyLimitNanousd: dailyLimit })
        const model = new Model(overdraft, dailyLimit)
        // A lane keeps the order of arrival, so a batch must come to what one after the other comes to.
        const expected: string[] = []
        const actual: Promise<string>[] = []
        for (const step of steps) {
          const posting = postingOf(userId, step, model)
          expected.push(model.apply(step))
          const outcome = outcomeOf(ledger.post(posting)).then((result) =>
            typeof result === 'string' ? result : result.replayed ? 'replayed' : 'posted',
          )
          actual.push(outcome)
          if (!together) await outcome
        }
        expect(await Promise.all(actual)).toEqual(expected)

        const user = await userOf(database, userId)
        expect(user).toMatchObject({
          allowanceNanousd: model.allowance,
          creditsNanousd: model.credits,
          heldNanousd: model.held,
          spentTodayNanousd: model.spent,
          version: model.entries,
        })
        expect(availableOf(user)).toBe(model.available)
        expect(await whatIsWrong(database, userId)).toEqual([])
      },
    ),
    // fast-check prints the seed and the smallest failing sequence; the same seed gives the same run.
    { numRuns: 250 },
  )
})
