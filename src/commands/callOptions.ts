import type { Command } from 'commander'
import type { Usage } from '../wire/generated/tollgate/billing/v1/Usage'
import { countOption, unitOption } from './options'

/** The options of every command that states a usage. */
export interface UsageOptions {
  input?: string
  output?: string
  cacheRead: string
  cacheWrite: string
  reasoning: string
  unit?: Record<string, string>
}

/** The options of every command that prices a call. */
export interface CallOptions extends UsageOptions {
  provider: string
  tier: string
}

export function withCallOptions(command: Command): Command {
  return withUsageOptions(
    command.option('--provider <provider>', 'who serves it; needed where their prices differ', ''),
  ).option('--tier <tier>', 'service tier, such as flex', '')
}

export function withUsageOptions(command: Command): Command {
  return command
    .option('--input <tokens>', 'input tokens, all of them', countOption)
    .option('--output <tokens>', 'output tokens, all of them', countOption)
    .option('--cache-read <tokens>', 'of the input, read from the cache', countOption, '0')
    .option('--cache-write <tokens>', 'of the input, written to the cache', countOption, '0')
    .option('--reasoning <tokens>', 'of the output, reasoning', countOption, '0')
    .option('--unit <name=count>', 'a named unit, such as image/hd=2; repeatable', unitOption)
}

/** The fields that PriceQuote and ChargeUsage share. */
export function callOf({ provider, tier, ...options }: CallOptions): {
  provider: string
  serviceTier: string
  usage: Usage
} {
  return { provider, serviceTier: tier, usage: usageOf(options) }
}

export function usageOf(options: UsageOptions): Usage {
  return {
    inputTokens: options.input ?? '0',
    outputTokens: options.output ?? '0',
    cacheReadInputTokens: options.cacheRead,
    cacheCreationInputTokens: options.cacheWrite,
    reasoningOutputTokens: options.reasoning,
    ...(options.unit !== undefined && { units: options.unit }),
  }
}
