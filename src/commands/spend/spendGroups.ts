import type { TollgateClient } from '../../../clients/node/src/connect'
import type { SpendGroup__Output } from '../../wire/generated/tollgate/billing/v1/SpendGroup'
import type { SummarizeSpendRequest } from '../../wire/generated/tollgate/billing/v1/SummarizeSpendRequest'
import { everyItem } from '../lists'

// The server's own limit is shorter, and its error says what to do.
const TIMEOUT_MS = 60_000

/** Yields every group in order of its values. All sums are as of the same instant. */
export function spendGroups(
  client: TollgateClient,
  request: SummarizeSpendRequest,
): AsyncGenerator<SpendGroup__Output> {
  return everyItem(async (page) => {
    const { groups, nextPageToken } = await client.summarizeSpend(
      { ...request, ...page },
      // A retry would take as long, while the first attempt still runs.
      { timeoutMs: TIMEOUT_MS, attemptTimeoutMs: TIMEOUT_MS },
    )
    return { items: groups, nextPageToken }
  })
}
