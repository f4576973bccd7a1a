import { Semaphore } from 'async-mutex'
import { isStatementTimeout } from '../../database/errors'
import { type SpendFilter, sumSpend } from '../../database/spend'
import { BillingError } from '../../domain/errors'
import type { SpendGroup } from '../../domain/ledger/spend'
import { ANY_TEXT, INSTANT_MS, keyOfPageToken, type Page, pageOf, pageTokenOf } from '../../domain/page'
import type { Billing } from '../billing'

/** Each has a connection for seconds; with more of them, gateways would wait for one. */
const AT_ONCE_MAX = 2

const turns = new Semaphore(AT_ONCE_MAX)

/** `until` absent = now. */
export type SummarizeSpendRequest = Omit<SpendFilter, 'until'> & { until: Date | undefined } & Page

/**
 * Adds up what was spent: charges, settlements and adjustments less refunds, exactly as their entries say. Later pages add up
 * until the same instant as the first, so that groups of several pages go together.
 *
 * @throws BillingError SUMMARY_TOO_LARGE where it takes too long, OVERLOADED where others are being added up, INVALID_FIELD
 *   (`page_token`)
 */
export async function summarizeSpend(
  { database, ledger, limits }: Pick<Billing, 'database' | 'ledger' | 'limits'>,
  request: SummarizeSpendRequest,
): Promise<{ groups: SpendGroup[]; nextPageToken: string; until: Date }> {
  const { groupBy, pageToken, pageSize } = request
  // What was posted in this very millisecond is in it.
  const [untilMs, ...after] =
    pageToken === '' ? [] : keyOfPageToken(pageToken, [INSTANT_MS, ...groupBy.map(() => ANY_TEXT)])
  const until =
    untilMs === undefined
      ? (request.until ?? new Date(ledger.now().getTime() + 1))
      : new Date(Number(untilMs))
  const page = { after: untilMs === undefined ? undefined : after, limit: pageSize + 1 }
  try {
    const groups = await withRoom(() =>
      sumSpend(database, { ...request, until }, { ...page, msMax: limits.summaryMsMax }),
    )
    const tokenOf = ({ values }: SpendGroup) => pageTokenOf([String(until.getTime()), ...values])
    const { page: shown, nextPageToken } = pageOf(groups, request, tokenOf)
    return { groups: shown, nextPageToken, until }
  } catch (error) {
    if (isStatementTimeout(error)) throw tooLarge(limits.summaryMsMax, error)
    throw error
  }
}

async function withRoom<T>(add: () => Promise<T>): Promise<T> {
  if (turns.isLocked())
    throw new BillingError('OVERLOADED', `${AT_ONCE_MAX} summaries are being added up already`, {
      retryAfterMs: 1_000,
    })
  return await turns.runExclusive(add)
}

function tooLarge(msMax: number, cause: unknown): BillingError {
  return new BillingError(
    'SUMMARY_TOO_LARGE',
    `adding up these entries takes longer than ${msMax / 1_000} s; ask for a shorter time or a single user, or raise TOLLGATE_SUMMARY_SECONDS_MAX`,
    { cause },
  )
}
