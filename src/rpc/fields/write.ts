import type { Balance } from '../../domain/ledger/entry'
import { availableOf, dayOf, type User } from '../../domain/ledger/user'
import type { Usage, UsageSource } from '../../domain/usage/usage'
import type { Timestamp } from '../../wire/generated/google/protobuf/Timestamp'
import type { Balance as WireBalance } from '../../wire/generated/tollgate/billing/v1/Balance'
import type { Usage as WireUsage } from '../../wire/generated/tollgate/billing/v1/Usage'

/*
 * Domain to wire, one function a message: what several messages share is here, the rest in a file of its own each.
 * What is left out is the field's default.
 */

/** An int64: a number where that is exact, since the encoder makes one of a decimal string in ten times the time. */
export function integerToWire(value: bigint): number | string {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value.toString()
}

export const USAGE_SOURCE_NAMES = {
  unspecified: 'USAGE_SOURCE_UNSPECIFIED',
  provider: 'USAGE_SOURCE_PROVIDER',
  estimated: 'USAGE_SOURCE_ESTIMATED',
} as const satisfies Record<UsageSource, string>

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
} as const satisfies Record<Exclude<keyof Usage, 'requests'>, keyof WireUsage>

const COUNT_NAMES = Object.keys(COUNTS) as (keyof typeof COUNTS)[]

/** Zero counts are the wire's default already. `requests` is not: absent means one call. */
export function usageToWire(usage: Usage): WireUsage {
  const wire: WireUsage = {}
  for (const name of COUNT_NAMES) if (usage[name] !== 0n) wire[COUNTS[name]] = integerToWire(usage[name])
  if (usage.requests !== undefined) wire.requests = integerToWire(usage.requests)
  return wire
}

/** By name: Postgres gives them back in an order of its own, and a replay's receipt is the first one, byte for byte. */
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

/** What a user holds at a moment: what was spent on an earlier day is not spent today. */
export function userBalanceToWire(user: User, now: Date): WireBalance {
  const spentTodayNanousd = user.spentOn === dayOf(now) ? user.spentTodayNanousd : 0n
  return balanceToWire({ ...user, spentTodayNanousd }, user.version)
}
