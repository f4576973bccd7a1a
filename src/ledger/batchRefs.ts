import type { BatchRefs } from '../database/ledger/facts'
import type { Posting } from '../domain/decide/posting'
import { refusedCloseOf } from '../domain/ledger/ids'
import { type KeyRef, keyRefText } from '../domain/ledger/keyRef'

/** All that a batch of postings is decided on, each thing once. */
export function refsOf(postings: readonly Posting[]): BatchRefs {
  return {
    userIds: [...new Set(postings.map(({ userId }) => userId))],
    keys: uniqueRefs(postings),
    failures: uniqueRefs([...postings.map(failureRefOf), ...refsBy(postings, refusedCloseRefOf)]),
    holds: refsBy(postings, holdRefOf),
    charges: refsBy(postings, changedChargeRefOf),
    budgets: budgetRefsOf(postings),
  }
}

/** The key of the hold that a posting works on; an open's own key names the hold that it makes. */
export function holdRefOf(posting: Posting): KeyRef | undefined {
  switch (posting.type) {
    case 'open':
      return { userId: posting.userId, keyId: posting.keyId }
    case 'extend':
    case 'settle':
    case 'adjust':
    case 'collect':
      return { userId: posting.userId, keyId: posting.holdKeyId }
    default:
      return undefined
  }
}

/** The key of the charge whose refunds and adjustments a posting is decided on. */
export function changedChargeRefOf(posting: Posting): KeyRef | undefined {
  switch (posting.type) {
    case 'refund':
      return { userId: posting.userId, keyId: posting.chargeKeyId }
    case 'adjust':
      return { userId: posting.userId, keyId: posting.holdKeyId }
    default:
      return undefined
  }
}

/** The id of the budget that a posting puts or deletes. */
export function putBudgetIdOf(posting: Posting): string | undefined {
  switch (posting.type) {
    case 'put-budget':
      return posting.budget.budgetId
    case 'delete-budget':
      return posting.budgetId
    default:
      return undefined
  }
}

function budgetRefsOf(postings: readonly Posting[]): NonNullable<BatchRefs['budgets']> {
  const refs = postings.flatMap((posting) => {
    const budgetId = putBudgetIdOf(posting)
    return budgetId === undefined ? [] : [{ userId: posting.userId, budgetId }]
  })
  return [...new Map(refs.map((ref) => [`${ref.userId}\0${ref.budgetId}`, ref])).values()]
}

/** The key of a posting's deduction failure: its own, or that of the stream that it ends or adjusts. */
export function failureRefOf(posting: Posting): KeyRef {
  if (posting.type === 'reject' && posting.failure !== undefined) return posting.failure
  const ends = posting.type === 'settle' || posting.type === 'adjust' || posting.type === 'collect'
  return { userId: posting.userId, keyId: ends ? posting.holdKeyId : posting.keyId }
}

/** Of a posting that ends a stream or adjusts its settlement, the key of the close that was refused. */
export function refusedCloseRefOf(posting: Posting): KeyRef | undefined {
  if (posting.type !== 'settle' && posting.type !== 'adjust') return undefined
  return refusedCloseOf({ userId: posting.userId, keyId: posting.holdKeyId })
}

function refsBy(postings: readonly Posting[], refOf: (posting: Posting) => KeyRef | undefined): KeyRef[] {
  return uniqueRefs(postings.map(refOf).filter((ref) => ref !== undefined))
}

function uniqueRefs(refs: readonly KeyRef[]): KeyRef[] {
  return [
    ...new Map(refs.map(({ userId, keyId }) => [keyRefText({ userId, keyId }), { userId, keyId }])).values(),
  ]
}
