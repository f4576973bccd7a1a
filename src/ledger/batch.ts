import type { BatchFacts } from '../database/ledger/facts'
import type { Write } from '../database/ledger/write'
import { decide } from '../domain/decide/decide'
import type { Decision, Facts, FailureFacts, Posted, Posting, Rules } from '../domain/decide/posting'
import type { Actor } from '../domain/ledger/actor'
import { type ChargeChanges, UNCHANGED, withChange } from '../domain/ledger/chargeState'
import type { LedgerEntry } from '../domain/ledger/entry'
import type { FailedDeduction } from '../domain/ledger/failure'
import type { Hold } from '../domain/ledger/hold'
import { type KeyRef, keyRefText } from '../domain/ledger/keyRef'
import type { User } from '../domain/ledger/user'
import { BatchBudgets, type PassedThreshold } from './batchBudgets'
import { changedChargeRefOf, failureRefOf, holdRefOf, refusedCloseRefOf } from './batchRefs'

/** The decision of each posting, and what to write for all of them. */
export interface DecidedBatch {
  /** In the order of the postings. A bug in a decision fails its posting alone. */
  decisions: (Decision | { outcome: 'failed'; error: unknown })[]
  write: Write
  /** Failures that were not reported before. A call that is refused again is still the same unpaid call. */
  newFailures: FailedDeduction[]
  /** Thresholds of budgets that were passed for the first time. */
  passed: readonly PassedThreshold[]
}

/**
 * Decides the postings in order. Each is decided on the state that the ones before it left. Only memory changes here, so a
 * batch is committed or lost as a whole.
 */
export function decideBatch(
  facts: BatchFacts,
  postings: readonly Posting[],
  { rules, now }: { rules: Rules; now: Date },
): DecidedBatch {
  const state = new BatchState(facts)
  const decisions = postings.map((posting) => {
    try {
      const decision = decide(state.factsOf(posting), posting, { rules, now })
      state.apply(decision, posting, now)
      return decision
    } catch (error) {
      return { outcome: 'failed' as const, error }
    }
  })
  const { passed, ...write } = state.write()
  const before = new Map(facts.failures.map((failure) => [keyRefText(failure), failure]))
  const newFailures = write.failures.filter((failure) =>
    isFirstReport(failure, before.get(keyRefText(failure))),
  )
  return { decisions, write, newFailures, passed }
}

/** A failure is also reported when its amount becomes known. */
function isFirstReport({ amountNanousd }: FailedDeduction, before: FailureFacts | undefined): boolean {
  if (before === undefined || before.state === 'resolved') return true
  return before.state === 'pending' && before.amountNanousd === undefined && amountNanousd !== undefined
}

class BatchState {
  readonly #users: Map<string, User>
  readonly #readVersions: Map<string, bigint>
  readonly #known: Map<string, { requestHash: Buffer; entry: LedgerEntry }>
  readonly #failures: Map<string, FailureFacts>
  readonly #holds: Map<string, Hold>
  readonly #storedHolds: Set<string>
  readonly #changes: Map<string, ChargeChanges>
  readonly #budgets: BatchBudgets
  readonly #changedHolds = new Set<string>()
  readonly #changedProfiles = new Set<string>()
  readonly #entries: Write['entries'] = []
  readonly #newFailures = new Map<string, Write['failures'][number]>()
  readonly #resolvedFailures: Write['resolvedFailures'] = []

  constructor(facts: BatchFacts) {
    this.#users = new Map(facts.users.map((user) => [user.userId, user]))
    this.#readVersions = new Map(facts.users.map((user) => [user.userId, user.version]))
    this.#known = new Map(facts.known.map((known) => [keyRefText(known.entry), known]))
    this.#failures = new Map(facts.failures.map((failure) => [keyRefText(failure), failure]))
    this.#holds = new Map(facts.holds.map((hold) => [keyRefText(hold), hold]))
    this.#storedHolds = new Set(this.#holds.keys())
    this.#changes = new Map(facts.changes.map(({ ref, changes }) => [keyRefText(ref), changes]))
    this.#budgets = new BatchBudgets(facts)
  }

  factsOf(posting: Posting): Facts {
    const holdRef = holdRefOf(posting)
    const chargeRef = changedChargeRefOf(posting)
    const refusedClose = refusedCloseRefOf(posting)
    return {
      user: this.#users.get(posting.userId),
      known: this.#known.get(keyRefText(posting)),
      failure: this.#failures.get(keyRefText(failureRefOf(posting))),
      refusedClose: refusedClose && this.#failures.get(keyRefText(refusedClose)),
      hold: holdRef && this.#holds.get(keyRefText(holdRef)),
      changes: chargeRef && this.#changes.get(keyRefText(chargeRef)),
      budgets: this.#budgets.factsOf(posting.userId),
      storedBudget: this.#budgets.storedOf(posting),
    }
  }

  apply(decision: Decision, posting: Posting, now: Date): void {
    if (decision.outcome === 'posted') this.#applyPosted(decision, posting)
    if (decision.outcome !== 'refused' && decision.resolvesFailure === true)
      this.#resolveFailure(failureRefOf(posting), posting.actor)
    const refusedClose = refusedCloseRefOf(posting)
    if (decision.outcome === 'posted' && decision.resolvesRefusedClose === true && refusedClose !== undefined)
      this.#resolveFailure(refusedClose, posting.actor)
    // Of several refusals under one key, the last one is kept.
    if (decision.outcome !== 'replayed' && decision.failure !== undefined)
      this.#addFailure(decision.failure, now)
  }

  #applyPosted(posted: Posted, posting: Posting): void {
    const { user, entry, hold } = posted
    const key = keyRefText(posting)
    this.#users.set(user.userId, user)
    this.#known.set(key, { requestHash: posting.requestHash, entry })
    this.#entries.push({ entry, requestHash: posting.requestHash })
    this.#changeCharge(entry)
    this.#budgets.apply(posted)
    if (entry.profile !== undefined) this.#changedProfiles.add(user.userId)
    if (hold !== undefined) {
      this.#holds.set(keyRefText(hold), hold)
      this.#changedHolds.add(keyRefText(hold))
    }
  }

  /** If a batch refunds one charge twice, the second refund is decided on what the first one left. */
  #changeCharge(entry: LedgerEntry): void {
    if (entry.chargeKeyId === undefined || (entry.kind !== 'refund' && entry.kind !== 'adjustment')) return
    const key = keyRefText({ userId: entry.userId, keyId: entry.chargeKeyId })
    this.#changes.set(key, withChange(this.#changes.get(key) ?? UNCHANGED, entry))
  }

  #addFailure(failure: FailedDeduction, seenAt: Date): void {
    const key = keyRefText(failure)
    const attempts = 1 + (this.#newFailures.get(key)?.attempts ?? 0)
    const before = this.#failures.get(key)
    const deferred = failure.deferred === true || (before?.state === 'pending' && before.deferred === true)
    this.#newFailures.set(key, { ...failure, deferred, seenAt, attempts })
    // A key that was written off stays written off.
    if (before?.state === 'written-off') return
    this.#failures.set(key, {
      state: 'pending',
      requestHash: failure.requestHash,
      isOfStream: failure.holdKeyId !== undefined,
      deferred,
      ...(failure.amountNanousd !== undefined && { amountNanousd: failure.amountNanousd }),
    })
  }

  #resolveFailure({ userId, keyId }: KeyRef, actor: Actor): void {
    const ref = { userId, keyId, actor }
    this.#failures.delete(keyRefText(ref))
    // It was refused earlier in this batch, and is accepted now.
    this.#newFailures.delete(keyRefText(ref))
    this.#resolvedFailures.push(ref)
  }

  write(): Write & { passed: readonly PassedThreshold[] } {
    const changed = new Set(this.#entries.map(({ entry }) => entry.userId))
    return {
      users: [...changed].map((userId) => ({
        user: present(this.#users.get(userId)),
        expectedVersion: present(this.#readVersions.get(userId)),
      })),
      entries: this.#entries,
      profiles: [...this.#changedProfiles].map((userId) => present(this.#users.get(userId))),
      holds: [...this.#changedHolds].map((key) => ({
        hold: present(this.#holds.get(key)),
        isNew: !this.#storedHolds.has(key),
      })),
      failures: [...this.#newFailures.values()],
      resolvedFailures: this.#resolvedFailures,
      ...this.#budgets.write((userId) => present(this.#users.get(userId)).version),
    }
  }
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a user or hold was changed that was never read')
  return value
}
