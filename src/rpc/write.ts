import type { Balance } from '../domain/entry'
import type { Usage, UsageSource } from '../domain/usage'
import { availableOf, dayOf, type User } from '../domain/user'
import type { Timestamp } from '../wire/generated/google/protobuf/Timestamp'
import type { Balance as WireBalance } from '../wire/generated/tollgate/billing/v1/Balance'
import type { Usage as WireUsage } from '../wire/generated/tollgate/billing/v1/Usage'

/*
 * Domain to wire, one function a message: what several messages share is here, the rest in a file of its own each.
 * int64 fields go out as decimal strings; what is left out is the field's default.
 */

export const USAGE_SOURCE_NAMES = {
  unspecified: 'USAGE_SOURCE_UNSPECIFIED',
  provider: 'USAGE_SOURCE_PROVIDER',
  estimated: 'USAGE_SOURCE_ESTIMATED',
} as const satisfies Record<UsageSource, string>

export function timestampToWire(at: Date): Timestamp {
  const ms = at.getTime()
  const seconds = Math.floor(ms / 1_000)
  return { seconds: String(seconds), nanos: (ms - seconds * 1_000) * 1_000_000 }
}

/** Zero counts are the wire's default already. `requests` is not: absent means one call. */
export function usageToWire(usage: Usage): WireUsage {
  return {
    inputTokens: usage.inputTokens.toString(),
    outputTokens: usage.outputTokens.toString(),
    cacheReadInputTokens: usage.cacheReadInputTokens.toString(),
    cacheCreationInputTokens: usage.cacheCreationInputTokens.toString(),
    cacheCreation_1hInputTokens: usage.cacheCreation1hInputTokens.toString(),
    reasoningOutputTokens: usage.reasoningOutputTokens.toString(),
    audioInputTokens: usage.audioInputTokens.toString(),
    audioCacheReadInputTokens: usage.audioCacheReadInputTokens.toString(),
    audioOutputTokens: usage.audioOutputTokens.toString(),
    imageInputTokens: usage.imageInputTokens.toString(),
    imageCacheReadInputTokens: usage.imageCacheReadInputTokens.toString(),
    imageOutputTokens: usage.imageOutputTokens.toString(),
    citationOutputTokens: usage.citationOutputTokens.toString(),
    webSearches: usage.webSearches.toString(),
    ...(usage.requests !== undefined && { requests: usage.requests.toString() }),
  }
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
    allowanceNanousd: balance.allowanceNanousd.toString(),
    creditsNanousd: balance.creditsNanousd.toString(),
    heldNanousd: balance.heldNanousd.toString(),
    availableNanousd: availableOf(balance).toString(),
    spentTodayNanousd: balance.spentTodayNanousd.toString(),
    dailyLimitNanousd: balance.dailyLimitNanousd.toString(),
    version: version.toString(),
  }
}

/** What a user holds at a moment: what was spent on an earlier day is not spent today. */
export function userBalanceToWire(user: User, now: Date): WireBalance {
  const spentTodayNanousd = user.spentOn === dayOf(now) ? user.spentTodayNanousd : 0n
  return balanceToWire({ ...user, spentTodayNanousd }, user.version)
}
