import fc from 'fast-check'
import { listFailureRows } from '../../src/database/deductionFailures'
import type { Posting } from '../../src/domain/decide/posting'
import type { LedgerEntry } from '../../src/domain/ledger/entry'
import { availableOf } from '../../src/domain/ledger/user'
import type { LedgerEngine } from '../../src/ledger/engine'
import type { PostResult } from '../../src/ledger/queuedPosting'
import { aDelete, aPut, countersOfUser } from '../support/budgets'
import { givenUser, outcomeOf, startLedger, userOf, whatIsWrong } from '../support/ledger'
import { type BudgetWish, definitionOf, ModelBudgets, nameOf } from '../support/modelBudgets'
import {
  aCharge,
  aCollection,
  aGrant,
  anExtension,
  anOpen,
  anUpdate,
  aRefund,
  aSettlement,
} from '../support/postings'
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

type Wish = Step | { do: 'again'; key: number }
type Step =
  | { do: 'charge'; key: number; amount: bigint }
  /** A charge that was accepted before anybody looked whether it can be paid. */
  | { do: 'defer'; key: number; amount: bigint }
  | {
      do: 'grant'
      key: number
      amount: bigint
      pot: 'allowance' | 'credits'
      mode: 'add' | 'set' | 'chargeback'
    }
  | { do: 'open'; key: number; minimum: bigint; want: bigint }
  | { do: 'extend'; key: number; want: bigint }
  | { do: 'settle'; key: number; amount: bigint }
  /** Of the charge or stream `of`; amount 0 = all that is left. */
  | { do: 'refund'; key: number; of: number; amount: bigint }
  | { do: 'update'; key: number; overdraft?: bigint; dailyLimit?: bigint; suspended?: boolean }
  | ({ do: 'put'; key: number } & BudgetWish)
  | { do: 'delete'; key: number; budget: number }
  /** What the key owes, as after a grant: a stream's shortfall, or a call that was refused. */
  | { do: 'collect'; key: number }

const key = fc.integer({ min: 0, max: 15 })
const amount = fc.bigInt({ min: 0n, max: 60n })
const suspension = fc.integer({ min: 0, max: 9 }).map((die) => die === 0)
const wish: fc.Arbitrary<Wish> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('charge' as const), key, amount }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('defer' as const), key, amount }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('grant' as const),
      key,
      amount: fc.bigInt({ min: -40n, max: 160n }),
      pot: fc.constantFrom('allowance' as const, 'credits' as const),
      mode: fc.constantFrom('add' as const, 'add' as const, 'set' as const, 'chargeback' as const),
    }),
  },
  {
    weight: 4,
    arbitrary: fc
      .record({ key, minimum: amount, more: amount })
      .map(({ more, ...open }) => ({ do: 'open' as const, ...open, want: open.minimum + more })),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('extend' as const),
      key,
      want: fc.bigInt({ min: 0n, max: 200n }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('settle' as const),
      key,
      amount: fc.bigInt({ min: 0n, max: 150n }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('refund' as const),
      key,
      of: key,
      amount: fc.bigInt({ min: 0n, max: 60n }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record(
      {
        do: fc.constant('update' as const),
        key,
        overdraft: fc.constantFrom(0n, 25n, 60n),
        dailyLimit: fc.constantFrom(0n, 0n, 80n),
        suspended: suspension,
      },
      { requiredKeys: ['do', 'key'] },
    ),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('put' as const),
      key,
      budget: fc.nat({ max: 2 }),
      limit: fc.constantFrom(0n, 30n, 90n, 200n),
      warns: fc.integer({ min: 0, max: 4 }).map((die) => die === 0),
      grouped: fc.integer({ min: 0, max: 3 }).map((die) => die === 0),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('delete' as const), key, budget: fc.nat({ max: 2 }) }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('collect' as const), key }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('again' as const), key }) },
)

/** What has to have come up, so that the sequences say something. */
const HAPPENED = [
  ...['charge posted', 'charge replayed', 'charge DAILY_LIMIT_REACHED', 'charge USER_SUSPENDED'],
  ...['defer posted', 'defer INSUFFICIENT_CREDITS', 'charge IDEMPOTENCY_KEY_REUSED'],
  ...['open posted', 'extend posted', 'settle posted', 'settle STREAM_FENCED', 'update posted'],
  ...['refund posted', 'refund replayed', 'refund REFUND_EXCEEDS_CHARGE', 'refund IDEMPOTENCY_KEY_REUSED'],
  ...['put posted', 'put replayed', 'delete posted', 'delete BUDGET_NOT_FOUND'],
  ...['charge BUDGET_REACHED', 'open BUDGET_REACHED', 'extend INSUFFICIENT_CREDITS'],
  ...['collect call posted', 'collect call INSUFFICIENT_CREDITS'],
  ...['collect stream posted', 'collect stream INSUFFICIENT_CREDITS'],
]

interface ModelHold {
  held: bigint
  postings: number
  live: boolean
}

/** What a call or stream has taken from each pot, and not given back. */
interface Taken {
  allowance: bigint
  credits: bigint
}

interface Owed {
  amount: bigint
  of: 'call' | 'stream'
  attempts: number
  /** No other call takes its key. */
  deferred: boolean
}

class Model {
  allowance = 0n
  credits = 0n
  entries = 0n
  spent = 0n
  suspended = false
  holds = new Map<number, ModelHold>()
  taken = new Map<number, Taken>()
  owed = new Map<number, Owed>()
  budgets = new ModelBudgets()
  keys = new Map<string, string>()
  /** Under the client's keys, to be sent again. */
  accepted: Step[] = []

  constructor(
    public overdraft: bigint,
    public dailyLimit: bigint,
  ) {}

  get held(): bigint {
    return [...this.holds.values()].reduce((sum, hold) => sum + hold.held, 0n)
  }

  get available(): bigint {
    return this.allowance + this.credits + this.overdraft - this.held
  }

  /** What the day's limit and the budgets leave for more, and which of them leaves the least. */
  cap(of?: { key: number; held: bigint }): { left: bigint; reason: string } | undefined {
    const today = this.dailyLimit === 0n ? undefined : this.dailyLimit - this.spent - this.held
    const ofBudgets = this.budgets.left(of?.key)
    const budgets = ofBudgets === undefined ? undefined : ofBudgets - (of?.held ?? 0n)
    if (budgets !== undefined && (today === undefined || budgets < today))
      return { left: budgets, reason: 'BUDGET_REACHED' }
    return today === undefined ? undefined : { left: today, reason: 'DAILY_LIMIT_REACHED' }
  }

  /** What is left for a hold: credits, and what the day's limit and the budgets leave. `of`: the stream that grows. */
  room(of?: { key: number; held: bigint }): bigint {
    const left = this.available > 0n ? this.available : 0n
    const cap = this.cap(of)
    if (cap === undefined || cap.left >= left) return left
    return cap.left > 0n ? cap.left : 0n
  }

  take(key: number, amount: bigint): void {
    const fromAllowance = amount < this.allowance ? amount : this.allowance
    this.allowance -= fromAllowance
    this.credits -= amount - fromAllowance
    this.spent += amount
    this.budgets.spend(key, amount)
    const before = this.taken.get(key) ?? { allowance: 0n, credits: 0n }
    this.taken.set(key, {
      allowance: before.allowance + fromAllowance,
      credits: before.credits + amount - fromAllowance,
    })
  }

  apply(step: Step, { limited = true, deferred = false } = {}): string {
    const owed = this.owed.get(step.key)
    if (step.do === 'defer') return this.apply({ ...step, do: 'charge' }, { limited: false, deferred: true })
    if (step.do === 'collect' && owed?.of === 'call') {
      // Under its own key, and beyond the day's limit.
      return this.apply({ do: 'charge', key: step.key, amount: owed.amount }, { limited: false })
    }
    const outcome = this.knownOutcome(step) ?? this.effect(step, { limited, deferred })
    // Once its key has taken effect, a call is not owed any more.
    if ((outcome === 'posted' || outcome === 'replayed') && !isDerived(step)) {
      if (this.owed.get(step.key)?.of === 'call') this.owed.delete(step.key)
    }
    if (outcome === 'posted') {
      this.entries++
      this.keys.set(this.keyOf(step), jsonOf(step))
      if (!isDerived(step)) this.accepted.push(step)
    }
    return outcome
  }

  /** A settlement, an extension or a collection has a key of its own; all others share the client's. */
  keyOf(step: Step): string {
    return isDerived(step) ? `${step.key}/${this.holds.get(step.key)?.postings}` : `${step.key}`
  }

  knownOutcome(step: Step): string | undefined {
    if (isDerived(step)) return undefined
    const before = this.keys.get(this.keyOf(step))
    if (before === undefined) {
      // Nothing but the call takes effect under the key of a call that is owed.
      const owed = this.owed.get(step.key)
      const isFree =
        owed?.of !== 'call' || (step.do === 'charge' && (!owed.deferred || owed.amount === step.amount))
      return isFree ? undefined : 'IDEMPOTENCY_KEY_REUSED'
    }
    return before === jsonOf(step) ? 'replayed' : 'IDEMPOTENCY_KEY_REUSED'
  }

  owes(key: number, amount: bigint, { of, deferred }: Pick<Owed, 'of' | 'deferred'>): void {
    const before = this.owed.get(key)
    this.owed.set(key, {
      ...{ amount, of, deferred: deferred || before?.deferred === true },
      attempts: (before?.attempts ?? 0) + 1,
    })
  }

  charge(
    step: { key: number; amount: bigint },
    { limited, deferred }: { limited: boolean; deferred: boolean },
  ): string {
    const refused = this.refusal(step.amount, limited)
    if (refused !== undefined) {
      this.owes(step.key, step.amount, { of: 'call', deferred })
      return refused
    }
    this.take(step.key, step.amount)
    return 'posted'
  }

  refusal(amount: bigint, limited: boolean): string | undefined {
    if (this.suspended) return 'USER_SUSPENDED'
    if (amount > this.available) return 'INSUFFICIENT_CREDITS'
    const cap = this.cap()
    return cap !== undefined && amount > cap.left && limited && amount > 0n ? cap.reason : undefined
  }

  effect(step: Exclude<Step, { do: 'defer' }>, how: { limited: boolean; deferred: boolean }): string {
    switch (step.do) {
      case 'charge':
        return this.charge(step, how)
      case 'grant': {
        const pot = step.pot === 'allowance' ? this.allowance : this.credits
        const delta = step.mode === 'set' ? step.amount - pot : step.amount
        if (step.mode === 'chargeback') {
          if (step.pot === 'allowance' || step.amount >= 0n) return 'INVALID_FIELD'
          this.credits += step.amount
          return 'posted'
        }
        const floor = step.pot === 'allowance' ? 0n : -this.overdraft
        if (delta < 0n && (pot + delta < floor || this.available + delta < 0n)) return 'INSUFFICIENT_CREDITS'
        if (step.pot === 'allowance') this.allowance += delta
        else this.credits += delta
        return 'posted'
      }
      case 'open': {
        if (this.suspended) return 'USER_SUSPENDED'
        if (this.available < step.minimum) return 'INSUFFICIENT_CREDITS'
        const room = this.room()
        if (room < step.minimum) return this.cap()?.reason ?? ''
        const held = step.want < room ? step.want : room
        this.budgets.hold(step.key, held)
        this.holds.set(step.key, { held, postings: 0, live: true })
        return 'posted'
      }
      case 'extend': {
        const hold = this.holds.get(step.key)
        if (hold === undefined) return 'HOLD_NOT_FOUND'
        if (!hold.live) return 'STREAM_FENCED'
        const wanted = step.want > hold.held ? step.want - hold.held : 0n
        const room = this.room({ key: step.key, held: hold.held })
        const added = this.suspended ? 0n : wanted < room ? wanted : room
        if (added === 0n && wanted > 0n) return 'INSUFFICIENT_CREDITS'
        hold.held += added
        if (added > 0n) this.budgets.hold(step.key, hold.held)
        hold.postings++
        return 'posted'
      }
      case 'settle': {
        const hold = this.holds.get(step.key)
        if (hold === undefined) return 'HOLD_NOT_FOUND'
        if (!hold.live) return 'STREAM_FENCED'
        hold.held = 0n
        hold.live = false
        this.budgets.release(step.key)
        hold.postings++
        const payable = this.available > 0n ? this.available : 0n
        const paid = step.amount < payable ? step.amount : payable
        this.take(step.key, paid)
        if (paid < step.amount) this.owes(step.key, step.amount - paid, { of: 'stream', deferred: false })
        return 'posted'
      }
      case 'refund': {
        const taken = this.taken.get(step.of) ?? { allowance: 0n, credits: 0n }
        const left = taken.allowance + taken.credits
        const back = step.amount === 0n ? left : step.amount
        if (back === 0n || back > left) return 'REFUND_EXCEEDS_CHARGE'
        const toCredits = back < taken.credits ? back : taken.credits
        this.credits += toCredits
        this.allowance += back - toCredits
        // Everything happens on one day.
        this.spent -= back
        this.budgets.giveBack(step.of, back)
        this.taken.set(step.of, {
          credits: taken.credits - toCredits,
          allowance: taken.allowance - (back - toCredits),
        })
        return 'posted'
      }
      case 'update':
        this.overdraft = step.overdraft ?? this.overdraft
        this.dailyLimit = step.dailyLimit ?? this.dailyLimit
        this.suspended = step.suspended ?? this.suspended
        return 'posted'
      case 'put':
        return this.budgets.put(step)
      case 'delete':
        return this.budgets.delete(step.budget)
      case 'collect': {
        const owed = this.owed.get(step.key)
        const hold = this.holds.get(step.key)
        if (owed === undefined || hold === undefined) return 'ALREADY_DECIDED'
        if (owed.amount > this.available) return 'INSUFFICIENT_CREDITS'
        this.take(step.key, owed.amount)
        this.owed.delete(step.key)
        hold.postings++
        return 'posted'
      }
    }
  }
}

/** Most of the time, the key of something that is there. */
function aimed(step: Wish, model: Model): Step | undefined {
  const oneOf = (keys: Iterable<number>, n: number) => {
    const all = [...keys]
    return n % 4 === 3 ? n : (all[n % all.length] ?? n)
  }
  switch (step.do) {
    case 'extend':
    case 'settle':
      return { ...step, key: oneOf(model.holds.keys(), step.key) }
    case 'collect':
      return { ...step, key: oneOf(model.owed.keys(), step.key) }
    case 'again':
      return model.accepted[step.key % model.accepted.length]
    case 'refund':
      return { ...step, of: oneOf(model.taken.keys(), step.of) }
    default:
      return step
  }
}

function isDerived(step: Step): boolean {
  return step.do === 'extend' || step.do === 'settle' || step.do === 'collect'
}

function jsonOf(step: Step): string {
  return JSON.stringify(step, (_, value) => (typeof value === 'bigint' ? `${value}` : value))
}

/** The entries that charged something: of calls by their key, of streams those of their settlements. */
type Charges = Map<number, Promise<PostResult | string>>

/** undefined where the use case has nothing to post: nothing was charged under the key, or nothing is owed. */
async function postingOf(
  userId: string,
  step: Step,
  { model, charges }: { model: Model; charges: Charges },
): Promise<Posting | undefined> {
  const openOf = (n: number) => anOpen(userId, `key-${n}`, { minimumNanousd: 0n, wantNanousd: 0n })
  const next = (model.holds.get(step.key)?.postings ?? 0) + 1
  switch (step.do) {
    case 'charge':
      return aCharge(userId, `key-${step.key}`, step.amount)
    case 'defer':
      return aCharge(userId, `key-${step.key}`, step.amount, { from: 'spool' })
    case 'grant':
      return aGrant(userId, `key-${step.key}`, step.amount, { pot: step.pot, mode: step.mode })
    case 'open':
      return anOpen(userId, `key-${step.key}`, { minimumNanousd: step.minimum, wantNanousd: step.want })
    case 'extend':
      return anExtension(openOf(step.key), next, { wantNanousd: step.want })
    case 'settle':
      return aSettlement(openOf(step.key), next, { amountNanousd: step.amount })
    case 'refund': {
      const charge = await entryOf(charges.get(step.of))
      return charge && aRefund(`key-${step.key}`, charge, step.amount)
    }
    case 'update':
      return anUpdate(userId, `key-${step.key}`, {
        ...(step.overdraft !== undefined && { overdraftLimitNanousd: step.overdraft }),
        ...(step.dailyLimit !== undefined && { dailyLimitNanousd: step.dailyLimit }),
        ...(step.suspended !== undefined && { suspended: step.suspended }),
      })
    case 'put':
      return aPut(userId, `key-${step.key}`, definitionOf(step))
    case 'delete':
      return aDelete(userId, `key-${step.key}`, nameOf(step.budget))
    case 'collect': {
      const owed = model.owed.get(step.key)
      if (owed?.of === 'call') return aCharge(userId, `key-${step.key}`, owed.amount, { from: 'retry' })
      const settlement = model.holds.has(step.key) ? await entryOf(charges.get(step.key)) : undefined
      return settlement && aCollection(openOf(step.key), next, { settlement })
    }
  }
}

async function entryOf(result: Promise<PostResult | string> | undefined): Promise<LedgerEntry | undefined> {
  const settled = await result
  return typeof settled === 'object' ? settled.entry : undefined
}

test('any sequence of postings gives what the model gives, one at a time and in batches', async () => {
  const happened = new Set<string>()
  await fc.assert(
    fc.asyncProperty(
      fc.array(wish, { maxLength: 60, size: 'max' }),
      fc.constantFrom(0n, 25n),
      fc.constantFrom(0n, 80n),
      fc.boolean(),
      async (wishes, overdraft, dailyLimit, together) => {
        const userId = `model-${users++}`
        await givenUser(database, userId, { overdraftLimitNanousd: overdraft, dailyLimitNanousd: dailyLimit })
        const model = new Model(overdraft, dailyLimit)
        const charges: Charges = new Map()
        // A lane keeps the order of arrival, so a batch must come to what one after the other comes to.
        const expected: string[] = []
        const actual: Promise<string>[] = []
        for (const wish of wishes) {
          const step = aimed(wish, model)
          if (step === undefined) continue
          const posting = await postingOf(userId, step, { model, charges })
          if (posting === undefined) continue
          const owed = step.do === 'collect' ? ` ${model.owed.get(step.key)?.of ?? 'nothing'}` : ''
          const told = model.apply(step)
          happened.add(`${step.do}${owed} ${told}`)
          expected.push(told)
          const result = outcomeOf(ledger.post(posting))
          if (told === 'posted' && (posting.type === 'charge' || posting.type === 'settle'))
            charges.set(step.key, result)
          const outcome = result.then((result) =>
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
          overdraftLimitNanousd: model.overdraft,
          dailyLimitNanousd: model.dailyLimit,
          suspended: model.suspended,
          version: model.entries,
        })
        expect(availableOf(user)).toBe(model.available)
        expect((await countersOfUser(database, userId)).sort()).toEqual(model.budgets.shown())
        const pending = await listFailureRows(
          database,
          { userId, state: 'pending' },
          { after: undefined, limit: 100 },
        )
        expect(
          new Map(
            pending.map(({ idempotencyKey, amountNanousd, attempts }) => [
              idempotencyKey,
              { amountNanousd, attempts },
            ]),
          ),
        ).toEqual(
          new Map(
            [...model.owed].map(([key, { amount: amountNanousd, attempts }]) => [
              `key-${key}`,
              { amountNanousd, attempts },
            ]),
          ),
        )
        // An overdraft that was lowered below what is owed stays owed.
        const isBelow = model.credits < -model.overdraft
        expect(await whatIsWrong(database, userId)).toEqual(isBelow ? ['below the floor'] : [])
      },
    ),
    // fast-check prints the seed and the smallest failing sequence; the same seed gives the same run.
    { numRuns: 150 },
  )
  expect(HAPPENED.filter((each) => !happened.has(each))).toEqual([])
}, 60_000)
