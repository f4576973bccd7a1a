import type { TollgateClient } from '../../../clients/node/src/connect'
import type { SpendGroup__Output } from '../../wire/generated/tollgate/billing/v1/SpendGroup'
import type { SummarizeSpendRequest } from '../../wire/generated/tollgate/billing/v1/SummarizeSpendRequest'
import { everyItem } from '../lists'

// The server gives up sooner, and says what to do.
const TIMEOUT_MS = 60_000

/** Every group, by its values. All of them are added up until the same instant. */
export function spendGroups(
  client: TollgateClient,
  request: SummarizeSpendRequest,
): AsyncGenerator<SpendGroup__Output> {
  return everyItem(async (page) => {
    const { groups, nextPageToken } = await client.summarizeSpend(
      { ...request, ...page },
      // Begun anew, it would take as long, beside the one that still runs.
      { timeoutMs: TIMEOUT_MS, attemptTimeoutMs: TIMEOUT_MS },
    )
    return { items: groups, nextPageToken }
  })
}
