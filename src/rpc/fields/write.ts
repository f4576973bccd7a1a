import type { Balance } from '../../domain/ledger/entry'
import { availableOf, dayOf, type User } from '../../domain/ledger/user'
import { unitsToText } from '../../domain/usage/units'
import type { Count, Usage } from '../../domain/usage/usage'
import type { Timestamp } from '../../wire/generated/google/protobuf/Timestamp'
import type { Balance as WireBalance } from '../../wire/generated/tollgate/billing/v1/Balance'
import type { Usage as WireUsage } from '../../wire/generated/tollgate/billing/v1/Usage'

/*
 * From the domain to the wire, one function for each message. What several messages share is here; each of the others has
 * its own file. Fields that are left out have their default.
 */

/** An int64: a number where that is exact, because the encoder takes ten times as long for a decimal string. */
export function integerToWire(value: bigint): number | string {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value.toString()
}

export function timestampToWire(at: Date): Timestamp {
  const ms = at.getTime()
  const seconds = Math.floor(ms / 1_000)
  return { seconds, nanos: (ms - seconds * 1_000) * 1_000_000 }
}

const COUNTS = {
  inputTokens: 'inputTokens',
  outputTokens: 'outputTokens',
  cacheReadInputTokens: 'cacheReadInputTokens',
  cacheCreationInputTokens: 'cacheCreationInputTokens',
  cacheCreation1hInputTokens: 'cacheCreation_1hInputTokens',
  reasoningOutputTokens: 'reasoningOutputTokens',
  audioInputTokens: 'audioInputTokens',
  audioCacheReadInputTokens: 'audioCacheReadInputTokens',
  audioOutputTokens: 'audioOutputTokens',
  imageInputTokens: 'imageInputTokens',
  imageCacheReadInputTokens: 'imageCacheReadInputTokens',
  imageOutputTokens: 'imageOutputTokens',
  citationOutputTokens: 'citationOutputTokens',
  webSearches: 'webSearches',
} as const satisfies Record<Exclude<Count, 'requests'>, keyof WireUsage>

const COUNT_NAMES = Object.keys(COUNTS) as (keyof typeof COUNTS)[]

/** Zero counts are the default of the wire. Not so `requests`, where absent means one call. */
export function usageToWire(usage: Usage): WireUsage {
  const wire: WireUsage = {}
  for (const name of COUNT_NAMES) if (usage[name] !== 0n) wire[COUNTS[name]] = integerToWire(usage[name])
  if (usage.requests !== undefined) wire.requests = integerToWire(usage.requests)
  if (usage.units !== undefined) wire.units = unitsToText(usage.units)
  return wire
}

/** Sorted by name: Postgres returns them in its own order, and a replayed receipt equals the first one byte for byte. */
export function labelsToWire(labels: Readonly<Record<string, string>>): Record<string, string> {
  const names = Object.keys(labels)
  return names.length < 2
    ? labels
    : Object.fromEntries(names.sort().map((name) => [name, labels[name] ?? '']))
}

export function balanceToWire(balance: Balance, version: bigint): WireBalance {
  return {
    allowanceNanousd: integerToWire(balance.allowanceNanousd),
    creditsNanousd: integerToWire(balance.creditsNanousd),
    heldNanousd: integerToWire(balance.heldNanousd),
    availableNanousd: integerToWire(availableOf(balance)),
    spentTodayNanousd: integerToWire(balance.spentTodayNanousd),
    dailyLimitNanousd: integerToWire(balance.dailyLimitNanousd),
    version: integerToWire(version),
  }
}

/** A user's balance at a moment. What was spent on an earlier day is not spent today. */
export function userBalanceToWire(user: User, now: Date): WireBalance {
  const spentTodayNanousd = user.spentOn === dayOf(now) ? user.spentTodayNanousd : 0n
  return balanceToWire({ ...user, spentTodayNanousd }, user.version)
}
