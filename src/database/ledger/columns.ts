import { type CounterMove, moveToJson } from '../../domain/budget/counter'
import type { LedgerEntry } from '../../domain/ledger/entry'
import type { FailedDeduction } from '../../domain/ledger/failure'
import type { Hold } from '../../domain/ledger/hold'
import { type Serving, servingToJson } from '../../domain/ledger/serving'
import type { User } from '../../domain/ledger/user'
import { NO_USAGE, usageParts } from '../../domain/usage/usage'
import { holdToRow, usageToJson } from '../holds/holdRow'
import type { CreditDeductionFailureRow, HoldRow, LedgerEntryRow, UserRow } from '../schema'
import type { TypedColumn } from '../statements/statement'

/** One column of a table in a bulk write, and its value in a record, as `arrayText` takes it. */
export interface Column<Row, T> extends TypedColumn<keyof Row & string> {
  value: (record: T) => unknown
}

/** The columns that a swap writes. */
export const USER_COLUMNS: readonly Column<UserRow, User>[] = [
  { name: 'allowance_nanousd', type: 'int8', value: (user) => user.allowanceNanousd },
  { name: 'credits_nanousd', type: 'int8', value: (user) => user.creditsNanousd },
  { name: 'held_nanousd', type: 'int8', value: (user) => user.heldNanousd },
  { name: 'spent_today_nanousd', type: 'int8', value: (user) => user.spentTodayNanousd },
  { name: 'spent_on', type: 'date', value: (user) => user.spentOn },
  { name: 'trial_spent_nanousd', type: 'int8', value: (user) => user.trialSpentNanousd },
  { name: 'trial_spent_today_nanousd', type: 'int8', value: (user) => user.trialSpentTodayNanousd },
  { name: 'trial_requests', type: 'int8', value: (user) => user.trialRequests },
  { name: 'trial_held_nanousd', type: 'int8', value: (user) => user.trialHeldNanousd },
  { name: 'trial_holds', type: 'int8', value: (user) => user.trialHolds },
  { name: 'last_entry_at', type: 'timestamptz', value: (user) => user.lastEntryAt },
  { name: 'last_hash', type: 'bytea', value: (user) => user.lastHash },
  { name: 'version', type: 'int8', value: (user) => user.version },
]

/** The columns that only a change of the profile or of a budget writes. */
export const PROFILE_COLUMNS: readonly Column<UserRow, User>[] = [
  { name: 'tier', type: 'text', value: (user) => user.tier },
  { name: 'stripe_customer_id', type: 'text', value: (user) => user.stripeCustomerId },
  { name: 'stripe_subscription_id', type: 'text', value: (user) => user.stripeSubscriptionId },
  { name: 'is_trial', type: 'boolean', value: (user) => user.isTrial },
  { name: 'trial_expires_at', type: 'timestamptz', value: (user) => user.trialExpiresAt },
  { name: 'daily_limit_nanousd', type: 'int8', value: (user) => user.dailyLimitNanousd },
  { name: 'overdraft_limit_nanousd', type: 'int8', value: (user) => user.overdraftLimitNanousd },
  { name: 'suspended', type: 'boolean', value: (user) => user.suspended },
  { name: 'budgets_version', type: 'int8', value: (user) => user.budgetsVersion },
]

/** Every column of `ledger_entries`, in the order of the table. */
export const ENTRY_COLUMNS: readonly Column<LedgerEntryRow, LedgerEntry>[] = [
  { name: 'user_id', type: 'text', value: (entry) => entry.userId },
  { name: 'version', type: 'int8', value: (entry) => entry.version },
  { name: 'kind', type: 'text', value: (entry) => entry.kind },
  { name: 'key_id', type: 'uuid', value: (entry) => entry.keyId },
  { name: 'idempotency_key', type: 'text', value: (entry) => entry.idempotencyKey },
  { name: 'created_at', type: 'timestamptz', value: (entry) => entry.createdAt },
  { name: 'allowance_delta_nanousd', type: 'int8', value: (entry) => entry.allowanceDeltaNanousd },
  { name: 'credits_delta_nanousd', type: 'int8', value: (entry) => entry.creditsDeltaNanousd },
  { name: 'held_delta_nanousd', type: 'int8', value: (entry) => entry.heldDeltaNanousd },
  { name: 'spent_today_delta_nanousd', type: 'int8', value: (entry) => entry.spentTodayDeltaNanousd },
  { name: 'allowance_nanousd', type: 'int8', value: (entry) => entry.balance.allowanceNanousd },
  { name: 'credits_nanousd', type: 'int8', value: (entry) => entry.balance.creditsNanousd },
  { name: 'held_nanousd', type: 'int8', value: (entry) => entry.balance.heldNanousd },
  { name: 'spent_today_nanousd', type: 'int8', value: (entry) => entry.balance.spentTodayNanousd },
  { name: 'daily_limit_nanousd', type: 'int8', value: (entry) => entry.balance.dailyLimitNanousd },
  { name: 'overdraft_limit_nanousd', type: 'int8', value: (entry) => entry.balance.overdraftLimitNanousd },
  { name: 'reason', type: 'text', value: (entry) => entry.reason },
  { name: 'charge_key_id', type: 'uuid', value: (entry) => entry.chargeKeyId },
  { name: 'hold_key_id', type: 'uuid', value: (entry) => entry.holdKeyId },
  { name: 'model', type: 'text', value: ({ charge }) => charge?.reported.model },
  { name: 'priced_model', type: 'text', value: ({ charge }) => charge?.priced.model },
  { name: 'provider', type: 'text', value: ({ charge }) => charge?.reported.provider },
  { name: 'priced_provider', type: 'text', value: ({ charge }) => charge?.priced.provider },
  { name: 'price_id', type: 'text', value: ({ charge }) => charge?.priced.priceId },
  { name: 'price_source', type: 'text', value: ({ charge }) => charge?.priced.source },
  { name: 'markup_basis_points', type: 'int4', value: ({ charge }) => charge?.priced.markupBasisPoints },
  { name: 'service_tier', type: 'text', value: ({ charge }) => charge?.reported.serviceTier },
  { name: 'occurred_at', type: 'timestamptz', value: ({ charge }) => charge?.reported.occurredAt },
  { name: 'quote_id', type: 'text', value: ({ charge }) => emptyAsNull(charge?.reported.quoteId) },
  { name: 'quote_expired', type: 'boolean', value: ({ charge }) => charge?.priced.quoteExpired },
  { name: 'api_key_id', type: 'text', value: ({ charge }) => emptyAsNull(charge?.reported.apiKeyId) },
  { name: 'labels', type: 'jsonb', value: ({ charge }) => recordAsJson(charge?.reported.labels) },
  { name: 'usage_source', type: 'text', value: ({ charge }) => charge?.usageSource },
  { name: 'input_tokens', type: 'int8', value: ({ charge }) => charge?.usage.inputTokens },
  { name: 'output_tokens', type: 'int8', value: ({ charge }) => charge?.usage.outputTokens },
  {
    name: 'usage_parts',
    type: 'jsonb',
    value: ({ charge }) => recordAsJson(charge && usageParts(charge.usage)),
  },
  { name: 'cost_nanousd', type: 'int8', value: ({ charge }) => charge?.costNanousd },
  { name: 'amount_nanousd', type: 'int8', value: ({ charge }) => charge?.amountNanousd },
  { name: 'trial', type: 'boolean', value: ({ charge }) => charge?.trial },
  { name: 'forgone_nanousd', type: 'int8', value: ({ charge }) => charge?.forgoneNanousd },
  { name: 'stream_end', type: 'text', value: ({ charge }) => charge?.end },
  { name: 'shortfall_nanousd', type: 'int8', value: ({ charge }) => charge?.shortfallNanousd },
  { name: 'over_daily_limit', type: 'boolean', value: ({ charge }) => charge?.overDailyLimit },
  { name: 'profile', type: 'jsonb', value: (entry) => recordAsJson(entry.profile) },
  { name: 'serving', type: 'jsonb', value: ({ charge }) => servingAsJson(charge?.serving) },
  { name: 'actor', type: 'text', value: (entry) => entry.actor },
  { name: 'counter_moves', type: 'jsonb', value: (entry) => movesAsJson(entry.counterMoves) },
  { name: 'hash', type: 'bytea', value: (entry) => entry.hash },
]

const HOLD_TYPES = {
  user_id: 'text',
  key_id: 'uuid',
  idempotency_key: 'text',
  request_hash: 'bytea',
  state: 'text',
  final_reason: 'text',
  epoch: 'int4',
  postings: 'int4',
  held_nanousd: 'int8',
  trial: 'boolean',
  stream_open: 'jsonb',
  sequence: 'int8',
  usage: 'jsonb',
  opened_at: 'timestamptz',
  expires_at: 'timestamptz',
  settled_version: 'int8',
  settled_by_expiry: 'boolean',
  amendable_until: 'timestamptz',
  amended_version: 'int8',
  counters: 'jsonb',
  final_budget_id: 'text',
} as const

/** Every column of `holds`. A record here is a row already: `holdRow.ts` has the mapping. */
export const HOLD_COLUMNS: readonly Column<HoldRow, ReturnType<typeof holdToRow>>[] = (
  Object.keys(HOLD_TYPES) as (keyof typeof HOLD_TYPES)[]
).map((name) => ({ name, type: HOLD_TYPES[name], value: (row) => row[name] ?? undefined }))

export function holdRowsOf(holds: readonly Hold[]) {
  return holds.map(holdToRow)
}

/** A failed deduction, and when it was seen. */
export type FailureRecord = FailedDeduction & {
  seenAt: Date
  /** How often this batch refused it. */
  attempts: number
}

export const FAILURE_COLUMNS: readonly Column<CreditDeductionFailureRow, FailureRecord>[] = [
  { name: 'user_id', type: 'text', value: (failure) => failure.userId },
  { name: 'key_id', type: 'uuid', value: (failure) => failure.keyId },
  { name: 'idempotency_key', type: 'text', value: (failure) => failure.idempotencyKey },
  { name: 'request_hash', type: 'bytea', value: (failure) => failure.requestHash },
  { name: 'hold_key_id', type: 'uuid', value: (failure) => failure.holdKeyId },
  { name: 'model', type: 'text', value: ({ reported }) => reported.model },
  { name: 'provider', type: 'text', value: ({ reported }) => reported.provider },
  { name: 'service_tier', type: 'text', value: ({ reported }) => reported.serviceTier },
  { name: 'occurred_at', type: 'timestamptz', value: ({ reported }) => reported.occurredAt },
  { name: 'usage', type: 'jsonb', value: ({ usage }) => usageToJson(usage ?? NO_USAGE) },
  { name: 'usage_source', type: 'text', value: (failure) => failure.usageSource },
  { name: 'quote_id', type: 'text', value: ({ reported }) => reported.quoteId },
  { name: 'api_key_id', type: 'text', value: ({ reported }) => reported.apiKeyId },
  { name: 'labels', type: 'jsonb', value: ({ reported }) => JSON.stringify(reported.labels) },
  { name: 'price_id', type: 'text', value: ({ priced }) => priced?.priceId },
  { name: 'priced_model', type: 'text', value: ({ priced }) => priced?.model },
  { name: 'priced_provider', type: 'text', value: ({ priced }) => priced?.provider },
  { name: 'price_source', type: 'text', value: ({ priced }) => priced?.source },
  { name: 'markup_basis_points', type: 'int4', value: ({ priced }) => priced?.markupBasisPoints },
  { name: 'quote_expired', type: 'boolean', value: ({ priced }) => priced?.quoteExpired },
  { name: 'amount_nanousd', type: 'int8', value: (failure) => failure.amountNanousd },
  { name: 'reason', type: 'text', value: (failure) => failure.reason },
  { name: 'created_at', type: 'timestamptz', value: (failure) => failure.seenAt },
  { name: 'attempts', type: 'int4', value: (failure) => failure.attempts },
  { name: 'deferred', type: 'boolean', value: (failure) => failure.deferred ?? false },
  { name: 'serving', type: 'jsonb', value: (failure) => servingAsJson(failure.serving) },
  { name: 'provider_usage', type: 'jsonb', value: ({ body }) => body && JSON.stringify(body) },
]

function emptyAsNull(text: string | undefined): string | undefined {
  return text === '' ? undefined : text
}

function recordAsJson(record: Readonly<Record<string, string>> | undefined): string | undefined {
  if (record === undefined) return undefined
  for (const _ in record) return JSON.stringify(record)
  return undefined
}

function movesAsJson(moves: readonly CounterMove[] | undefined): string | undefined {
  return moves && JSON.stringify(moves.map(moveToJson))
}

function servingAsJson(serving: Serving | undefined): string | undefined {
  return serving && JSON.stringify(servingToJson(serving))
}
