import type { TollgateClient } from '../../client/connect'
import type { SpendGroup__Output } from '../../wire/generated/tollgate/billing/v1/SpendGroup'
import type { SummarizeSpendRequest } from '../../wire/generated/tollgate/billing/v1/SummarizeSpendRequest'
import { progress } from '../lists'

const PAGE_SIZE = 1_000
// The server gives up sooner, and says what to do.
const TIMEOUT_MS = 60_000

/** Every group, by its values. All of them are added up until the same instant. */
export async function* spendGroups(
  client: TollgateClient,
  request: SummarizeSpendRequest,
): AsyncGenerator<SpendGroup__Output> {
  let pageToken = ''
  let count = 0
  do {
    const page = await client.summarizeSpend(
      { ...request, pageSize: PAGE_SIZE, pageToken },
      { timeoutMs: TIMEOUT_MS },
    )
    yield* page.groups
    count += page.groups.length
    pageToken = page.nextPageToken
    if (pageToken !== '') progress(`${count.toLocaleString('en')} groups so far`)
  } while (pageToken !== '')
}
