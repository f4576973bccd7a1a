import type { ColumnType, JSONColumnType } from 'kysely'
import type { BudgetJson } from '../domain/budget/budget'
import type { CounterMoveJson, CounterRefJson } from '../domain/budget/counter'
import type { ErrorReason } from '../domain/errors'
import type { StreamEnd } from '../domain/ledger/charge'
import type { EntryKind } from '../domain/ledger/entry'
import type { FailureState } from '../domain/ledger/failure'
import type { FinalReason, HoldState } from '../domain/ledger/hold'
import type { ServingJson } from '../domain/ledger/serving'
import type { PriceChangeState, PriceSource } from '../domain/rating/price'
import type { KeptBody } from '../domain/usage/keptBody'
import type { UsageSource } from '../domain/usage/usage'

/** Row types of every table, as `migrations/` creates them. int8 is bigint, timestamptz is Date, date is `YYYY-MM-DD`. */
export interface Schema {
  users: UserRow
  ledger_entries: LedgerEntryRow
  idempotency_keys: IdempotencyKeyRow
  ledger_checkpoints: LedgerCheckpointRow
  reconcile_lease: ReconcileLeaseRow
  holds: HoldRow
  hold_parts: HoldPartRow
  model_prices: ModelPriceRow
  model_aliases: ModelAliasRow
  price_changes: PriceChangeRow
  price_book_revision: PriceBookRevisionRow
  server_secrets: ServerSecretRow
  credit_deduction_failures: CreditDeductionFailureRow
  budgets: BudgetRow
  budget_counters: BudgetCounterRow
  budget_totals: BudgetTotalRow
}

// A jsonb column: parsed on the way out, JSON text on the way in. Amounts inside are decimal strings.
type Json<T extends object> = JSONColumnType<T>
type NullableJson<T extends object> = ColumnType<T | null, string | null, string | null>

export interface UserRow {
  user_id: string
  allowance_nanousd: bigint
  credits_nanousd: bigint
  held_nanousd: bigint
  spent_today_nanousd: bigint
  spent_on: string
  daily_limit_nanousd: bigint
  overdraft_limit_nanousd: bigint
  tier: string
  stripe_customer_id: string
  stripe_subscription_id: string
  is_trial: boolean
  trial_expires_at: Date | null
  trial_spent_nanousd: bigint
  trial_spent_today_nanousd: bigint
  trial_requests: bigint
  trial_held_nanousd: bigint
  suspended: boolean
  created_at: Date
  last_entry_at: Date
  last_hash: Buffer
  version: bigint
  failure_writes: ColumnType<bigint, bigint | undefined, bigint>
  trial_holds: ColumnType<bigint, bigint | undefined, bigint>
  budgets_version: ColumnType<bigint, bigint | undefined, bigint>
}

export interface LedgerEntryRow {
  user_id: string
  version: bigint
  kind: EntryKind
  key_id: string
  idempotency_key: string
  created_at: Date
  allowance_delta_nanousd: bigint
  credits_delta_nanousd: bigint
  held_delta_nanousd: bigint
  spent_today_delta_nanousd: bigint
  allowance_nanousd: bigint
  credits_nanousd: bigint
  held_nanousd: bigint
  spent_today_nanousd: bigint
  daily_limit_nanousd: bigint
  overdraft_limit_nanousd: bigint
  reason: string | null
  charge_key_id: string | null
  hold_key_id: string | null
  model: string | null
  priced_model: string | null
  provider: string | null
  priced_provider: string | null
  price_id: string | null
  price_source: PriceSource | 'reported' | null
  markup_basis_points: number | null
  service_tier: string | null
  occurred_at: Date | null
  quote_id: string | null
  quote_expired: boolean | null
  api_key_id: string | null
  labels: NullableJson<Record<string, string>>
  usage_source: UsageSource | null
  input_tokens: bigint | null
  output_tokens: bigint | null
  usage_parts: NullableJson<Record<string, string>>
  cost_nanousd: bigint | null
  amount_nanousd: bigint | null
  trial: boolean | null
  forgone_nanousd: bigint | null
  stream_end: StreamEnd | null
  shortfall_nanousd: bigint | null
  over_daily_limit: boolean | null
  profile: NullableJson<Record<string, string>>
  serving: NullableJson<ServingJson>
  actor: string | null
  counter_moves: NullableJson<CounterMoveJson[]>
  hash: Buffer
}

export interface IdempotencyKeyRow {
  user_id: string
  key_id: string
  request_hash: Buffer
  version: bigint
}

export interface LedgerCheckpointRow {
  user_id: string
  version: bigint
  allowance_nanousd: bigint
  credits_nanousd: bigint
  held_nanousd: bigint
  spent_today_nanousd: bigint
  spent_on: string
  hash: Buffer
  created_at: Date
  trial_spent_nanousd: bigint
  trial_requests: bigint
  trial_spent_today_nanousd: bigint | null
  budget_changes: bigint | null
  budgets_sum: string | null
  spent_sum: string | null
  held_sum: string | null
}

interface ReconcileLeaseRow {
  id: number
  owner: string
  expires_at: Date
  position: string
  from_start: boolean
  started_at: Date
  finished_at: Date | null
  proved_from_start_at: Date | null
  last_finished_at: Date | null
}

interface HoldPartRow {
  user_id: string
  key_id: string
  part_id: string
  sequence: bigint
  usage: Json<Record<string, string>>
}

export interface HoldRow {
  user_id: string
  key_id: string
  idempotency_key: string
  request_hash: Buffer
  state: HoldState['state']
  final_reason: FinalReason | null
  epoch: number
  postings: number
  held_nanousd: bigint
  trial: boolean
  stream_open: Json<Record<string, unknown>>
  sequence: bigint
  usage: Json<Record<string, string>>
  opened_at: Date
  expires_at: Date
  settled_version: bigint | null
  settled_by_expiry: boolean
  amendable_until: Date | null
  amended_version: bigint | null
  counters: NullableJson<CounterRefJson[]>
  final_budget_id: string | null
}

export interface BudgetRow {
  user_id: string
  budget_id: string
  generation: number
  definition: Json<BudgetJson>
  deleted: boolean
  /** Counters of generations up to this one are gone. */
  cleaned_generation: ColumnType<number, number | undefined, number>
}

export interface BudgetCounterRow {
  user_id: string
  budget_id: string
  generation: number
  window_from: Date
  group_id: string
  /** As JSON text. */
  group_values: string
  spent_nanousd: bigint
  held_nanousd: bigint
  notified_percent: number
  kept_until: Date | null
}

export interface BudgetTotalRow {
  user_id: string
  counters: bigint
  /** A numeric, as text. */
  cleaned_sum: string
}

export interface ModelPriceRow {
  price_id: string
  model: string
  provider: string
  source: PriceSource
  effective_from: Date
  effective_to: Date | null
  rate_cards: Json<object[]>
  markup_basis_points: number | null
  created_at: Date
  actor: string | null
  ended_by: string | null
}

export interface ModelAliasRow {
  alias: string
  model: string
}

export interface PriceChangeRow {
  change_id: string
  model: string
  provider: string
  source: PriceSource
  before_price_id: string | null
  after_price: Json<object>
  state: PriceChangeState
  reason: string
  seen_at: Date
  decided_at: Date | null
  actor: string | null
}

export interface PriceBookRevisionRow {
  id: number
  revision: bigint
}

export interface ServerSecretRow {
  name: string
  secret: Buffer
  created_at: Date
}

export interface CreditDeductionFailureRow {
  user_id: string
  key_id: string
  idempotency_key: string
  request_hash: Buffer
  hold_key_id: string | null
  model: string
  provider: string
  service_tier: string
  occurred_at: Date
  usage: Json<Record<string, string>>
  usage_source: UsageSource
  quote_id: string
  api_key_id: string
  labels: Json<Record<string, string>>
  price_id: string | null
  priced_model: string | null
  priced_provider: string | null
  price_source: PriceSource | 'reported' | null
  markup_basis_points: number | null
  quote_expired: boolean | null
  amount_nanousd: bigint | null
  reason: ErrorReason
  attempts: number
  state: FailureState
  note: string
  created_at: Date
  resolved_at: Date | null
  deferred: boolean
  actor: string | null
  serving: NullableJson<ServingJson>
  provider_usage: NullableJson<KeptBody>
}
