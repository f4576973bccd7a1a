import type { BatchFacts, KeyRef } from '../database/ledger/connection'
import type { Write } from '../database/ledger/write'
import { type ChargeChanges, UNCHANGED, withChange } from '../domain/chargeState'
import { decide } from '../domain/decide'
import type { LedgerEntry } from '../domain/entry'
import type { Hold } from '../domain/hold'
import type { Decision, Facts, Posted, Posting, Rules, StandingFailure } from '../domain/posting'
import type { User } from '../domain/user'
import { changedChargeRefOf, failureRefOf, holdRefOf, mapKeyOf } from './batchRefs'

/** What each posting came to, and all that is to be written for them. */
export interface DecidedBatch {
  /** In the order of the postings. A bug in a decision stays with its posting. */
  decisions: (Decision | { outcome: 'failed'; error: unknown })[]
  write: Write
  /** Of the failures to be written those that are news: the same call refused again is still the one that is not paid for. */
  newFailures: Write['failures']
}

/**
 * Decides the postings in their order, each on what the ones before it left. Nothing but memory is touched, so the whole
 * of a batch stands or falls with one write.
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
  const write = state.write()
  const standing = new Map(facts.failures.map((failure) => [mapKeyOf(failure), failure]))
  const newFailures = write.failures.filter((failure) => isNews(failure, standing.get(mapKeyOf(failure))))
  return { decisions, write, newFailures }
}

/** Also where an amount is known for the first time: nobody has heard of that one. */
function isNews(
  { amountNanousd }: Write['failures'][number],
  standing: StandingFailure | undefined,
): boolean {
  if (standing === undefined || standing.state === 'resolved') return true
  return standing.state === 'pending' && standing.amountNanousd === undefined && amountNanousd !== undefined
}

class BatchState {
  readonly #users: Map<string, User>
  readonly #readVersions: Map<string, bigint>
  readonly #known: Map<string, { requestHash: Buffer; entry: LedgerEntry }>
  readonly #failures: Map<string, StandingFailure>
  readonly #holds: Map<string, Hold>
  readonly #storedHolds: Set<string>
  readonly #changes: Map<string, ChargeChanges>
  readonly #changedHolds = new Set<string>()
  readonly #changedProfiles = new Set<string>()
  readonly #entries: Write['entries'] = []
  readonly #newFailures = new Map<string, Write['failures'][number]>()
  readonly #resolvedFailures: KeyRef[] = []

  constructor(facts: BatchFacts) {
    this.#users = new Map(facts.users.map((user) => [user.userId, user]))
    this.#readVersions = new Map(facts.users.map((user) => [user.userId, user.version]))
    this.#known = new Map(facts.known.map((known) => [mapKeyOf(known.entry), known]))
    this.#failures = new Map(facts.failures.map((failure) => [mapKeyOf(failure), failure]))
    this.#holds = new Map(facts.holds.map((hold) => [mapKeyOf(hold), hold]))
    this.#storedHolds = new Set(this.#holds.keys())
    this.#changes = new Map(facts.changes.map(({ ref, changes }) => [mapKeyOf(ref), changes]))
  }

  factsOf(posting: Posting): Facts {
    const holdRef = holdRefOf(posting)
    const chargeRef = changedChargeRefOf(posting)
    return {
      user: this.#users.get(posting.userId),
      known: this.#known.get(mapKeyOf(posting)),
      failure: this.#failures.get(mapKeyOf(failureRefOf(posting))),
      hold: holdRef && this.#holds.get(mapKeyOf(holdRef)),
      changes: chargeRef && this.#changes.get(mapKeyOf(chargeRef)),
    }
  }

  apply(decision: Decision, posting: Posting, now: Date): void {
    if (decision.outcome === 'posted') this.#applyPosted(decision, posting)
    if (decision.outcome !== 'refused' && decision.resolvesFailure === true) this.#resolveFailure(posting)
    // Of several refusals under one key, the last stands.
    if (decision.outcome !== 'replayed' && decision.failure !== undefined) {
      this.#addFailure({ ...decision.failure, seenAt: now })
    }
  }

  #applyPosted({ user, entry, hold }: Posted, posting: Posting): void {
    const key = mapKeyOf(posting)
    this.#users.set(user.userId, user)
    this.#known.set(key, { requestHash: posting.requestHash, entry })
    this.#entries.push({ entry, requestHash: posting.requestHash })
    this.#changeCharge(entry)
    if (entry.profile !== undefined) this.#changedProfiles.add(user.userId)
    if (hold !== undefined) {
      this.#holds.set(mapKeyOf(hold), hold)
      this.#changedHolds.add(mapKeyOf(hold))
    }
  }

  /** Of two refunds of one charge in a batch, the second is decided on what the first left. */
  #changeCharge(entry: LedgerEntry): void {
    if (entry.chargeKeyId === undefined || (entry.kind !== 'refund' && entry.kind !== 'adjustment')) return
    const key = mapKeyOf({ userId: entry.userId, keyId: entry.chargeKeyId })
    this.#changes.set(key, withChange(this.#changes.get(key) ?? UNCHANGED, entry))
  }

  #addFailure(failure: Write['failures'][number]): void {
    const key = mapKeyOf(failure)
    this.#newFailures.set(key, failure)
    // A key that was written off stays so.
    if (this.#failures.get(key)?.state === 'written-off') return
    this.#failures.set(key, {
      state: 'pending',
      isOfStream: failure.holdKeyId !== undefined,
      ...(failure.amountNanousd !== undefined && { amountNanousd: failure.amountNanousd }),
    })
  }

  #resolveFailure(posting: Posting): void {
    const ref = failureRefOf(posting)
    this.#failures.delete(mapKeyOf(ref))
    // Refused earlier in this batch, and accepted now.
    this.#newFailures.delete(mapKeyOf(ref))
    this.#resolvedFailures.push(ref)
  }

  write(): Write {
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
    }
  }
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a user or hold was changed that was never read')
  return value
}
