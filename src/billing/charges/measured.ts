import { checkUsage } from '../../domain/usage/checkUsage'
import { type ProviderReport, readProviderUsage, UnreadableUsage } from '../../domain/usage/readProviderUsage'
import { NOTHING_SERVED } from '../../domain/usage/served'
import type { Usage, UsageSource } from '../../domain/usage/usage'
import { reportUnreadField } from '../../pricing/guards'

/** What a call used: counts, or the provider's own body. */
export type Measured = { usage: Usage } | { providerUsage: { format: string; json: string } }

/**
 * The usage, as given or as the provider's own object states it. `model` is the one that was asked for, and `at` the path of
 * the message.
 *
 * @throws BillingError as {@link readProviderUsage} and {@link checkUsage}
 */
export function reportOf(measured: Measured, model: string, at = ''): ProviderReport {
  if ('providerUsage' in measured)
    return readProviderUsage(measured.providerUsage, { model, fieldPrefix: `${at}provider_usage` })
  checkUsage(measured.usage, `${at}usage`)
  return { usage: measured.usage, served: NOTHING_SERVED, unreadFields: [], assumptions: [] }
}

/** {@link reportOf} of a call that a gateway reports now: fields that nothing reads are counted, once a call. */
export function noticedReportOf(measured: Measured, model: string, at = ''): ProviderReport {
  const report = reportOf(measured, model, at)
  if ('providerUsage' in measured)
    for (const field of report.unreadFields) reportUnreadField(measured.providerUsage.format, field)
  return report
}

/** What a call reports, or why its provider's counts can't be charged. */
export function readableOf(measured: Measured, model: string): ProviderReport | UnreadableUsage {
  try {
    return noticedReportOf(measured, model)
  } catch (error) {
    if (error instanceof UnreadableUsage) return error
    throw error
  }
}

/** A provider's own usage object comes from the provider, also where the request doesn't say so. */
export function usageSourceOf({
  measured,
  usageSource,
}: {
  measured: Measured | undefined
  usageSource: UsageSource
}): UsageSource {
  const isProviders = measured !== undefined && 'providerUsage' in measured
  return isProviders && usageSource === 'unspecified' ? 'provider' : usageSource
}
