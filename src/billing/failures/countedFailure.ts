import { BillingError } from '../../domain/errors'
import type { DeductionFailure } from '../../domain/ledger/failure'
import { NO_SERVING, type Serving } from '../../domain/ledger/serving'
import type { ProviderReport } from '../../domain/usage/readProviderUsage'
import type { Served } from '../../domain/usage/served'
import type { Usage } from '../../domain/usage/usage'
import { type Measured, reportOf, usageSourceOf } from '../charges/measured'

/** A failure whose usage is known, so that it can be rated. */
export type CountedFailure = DeductionFailure & { usage: Usage }

const CORRECTED = 'an operator corrected the counts'

/**
 * The failure with its usage. A body that could not be read when it came is read again: this release
 * may know how.
 *
 * @throws BillingError why its counts can't be charged
 */
export function countedFailureOf(failure: DeductionFailure): CountedFailure {
  const { usage, body, reported } = failure
  if (usage !== undefined) return { ...failure, usage }
  if (body === undefined || body.json === '') {
    throw new BillingError('IMPOSSIBLE_USAGE', 'the counts of this call are not known: correct them')
  }
  return withReport(failure, reportOf({ providerUsage: body }, reported.model), [])
}

/**
 * The failure with the usage that an operator states instead of what was reported.
 *
 * @throws BillingError ALREADY_DECIDED if its amount is known; otherwise why these counts can't be
 *   charged
 */
export function correctedFailureOf(failure: DeductionFailure, corrected: Measured): CountedFailure {
  if (failure.amountNanousd !== undefined) {
    throw new BillingError(
      'ALREADY_DECIDED',
      'the amount of this failure is known; retry it as it is, or write it off',
    )
  }
  const usageSource = usageSourceOf({ measured: corrected, usageSource: 'unspecified' })
  const report = reportOf(corrected, failure.reported.model)
  return withReport({ ...failure, usageSource }, report, [CORRECTED])
}

/** Facts that the new report doesn't state stay. */
function withReport(
  { body: _body, ...failure }: DeductionFailure,
  { usage, served, unreadFields, assumptions }: ProviderReport,
  notes: readonly string[],
): CountedFailure {
  // Counts of the whole replace those of its parts.
  const { stated, parts: _parts, ...before } = failure.serving ?? NO_SERVING
  const serving: Serving = {
    ...before,
    stated: servedAfter(stated, served),
    unreadFields,
    assumptions: [...assumptions, ...notes],
  }
  return { ...failure, usage, serving }
}

function servedAfter(before: Served, after: Served): Served {
  const facts = Object.entries(after).filter(([, text]) => text !== '')
  return { ...before, ...Object.fromEntries(facts) }
}
