import type { Selectable } from 'kysely'
import { moveFromJson } from '../../domain/budget/counter'
import type { ChargeDetail } from '../../domain/ledger/charge'
import type { LedgerEntry } from '../../domain/ledger/entry'
import { servingFromJson } from '../../domain/ledger/serving'
import type { User } from '../../domain/ledger/user'
import { usageFromParts } from '../../domain/usage/usage'
import type { LedgerEntryRow, UserRow } from '../schema'

export function userFromRow(row: Selectable<UserRow>): User {
  return {
    userId: row.user_id,
    allowanceNanousd: row.allowance_nanousd,
    creditsNanousd: row.credits_nanousd,
    heldNanousd: row.held_nanousd,
    spentTodayNanousd: row.spent_today_nanousd,
    spentOn: row.spent_on,
    dailyLimitNanousd: row.daily_limit_nanousd,
    overdraftLimitNanousd: row.overdraft_limit_nanousd,
    tier: row.tier,
    stripeCustomerId: row.stripe_customer_id,
    stripeSubscriptionId: row.stripe_subscription_id,
    isTrial: row.is_trial,
    ...(row.trial_expires_at !== null && { trialExpiresAt: row.trial_expires_at }),
    trialSpentNanousd: row.trial_spent_nanousd,
    trialSpentTodayNanousd: row.trial_spent_today_nanousd,
    trialRequests: row.trial_requests,
    trialHeldNanousd: row.trial_held_nanousd,
    suspended: row.suspended,
    createdAt: row.created_at,
    lastEntryAt: row.last_entry_at,
    lastHash: row.last_hash,
    version: row.version,
    failureWrites: row.failure_writes,
    trialHolds: row.trial_holds,
    budgetsVersion: row.budgets_version,
  }
}

export function entryFromRow(row: Selectable<LedgerEntryRow>): LedgerEntry {
  const charge = chargeFromRow(row)
  return {
    userId: row.user_id,
    version: row.version,
    kind: row.kind,
    keyId: row.key_id,
    idempotencyKey: row.idempotency_key,
    createdAt: row.created_at,
    allowanceDeltaNanousd: row.allowance_delta_nanousd,
    creditsDeltaNanousd: row.credits_delta_nanousd,
    heldDeltaNanousd: row.held_delta_nanousd,
    spentTodayDeltaNanousd: row.spent_today_delta_nanousd,
    balance: {
      allowanceNanousd: row.allowance_nanousd,
      creditsNanousd: row.credits_nanousd,
      heldNanousd: row.held_nanousd,
      spentTodayNanousd: row.spent_today_nanousd,
      dailyLimitNanousd: row.daily_limit_nanousd,
      overdraftLimitNanousd: row.overdraft_limit_nanousd,
    },
    ...(row.reason !== null && { reason: row.reason }),
    ...(row.charge_key_id !== null && { chargeKeyId: row.charge_key_id }),
    ...(row.hold_key_id !== null && { holdKeyId: row.hold_key_id }),
    ...(charge !== undefined && { charge }),
    ...(row.profile !== null && { profile: row.profile }),
    ...(row.actor !== null && { actor: row.actor }),
    ...(row.counter_moves !== null && { counterMoves: row.counter_moves.map(moveFromJson) }),
    hash: row.hash,
  }
}

/** A charge's columns are all set or all null, except those that store an empty text as null. */
function chargeFromRow(row: Selectable<LedgerEntryRow>): ChargeDetail | undefined {
  if (row.price_id === null) return undefined
  return {
    reported: {
      model: must(row.model),
      provider: must(row.provider),
      serviceTier: must(row.service_tier),
      quoteId: row.quote_id ?? '',
      apiKeyId: row.api_key_id ?? '',
      labels: row.labels ?? {},
      occurredAt: must(row.occurred_at),
    },
    priced: {
      priceId: row.price_id,
      model: must(row.priced_model),
      provider: must(row.priced_provider),
      source: must(row.price_source),
      markupBasisPoints: must(row.markup_basis_points),
      quoteExpired: must(row.quote_expired),
    },
    usage: usageFromParts(must(row.input_tokens), must(row.output_tokens), row.usage_parts ?? {}),
    usageSource: must(row.usage_source),
    costNanousd: must(row.cost_nanousd),
    amountNanousd: must(row.amount_nanousd),
    trial: must(row.trial),
    forgoneNanousd: must(row.forgone_nanousd),
    shortfallNanousd: must(row.shortfall_nanousd),
    overDailyLimit: must(row.over_daily_limit),
    ...(row.serving !== null && { serving: servingFromJson(row.serving) }),
    ...(row.stream_end !== null && { end: row.stream_end }),
  }
}

function must<T>(value: T | null): T {
  if (value === null) throw new Error('a charge entry lacks a column that every charge has')
  return value
}
