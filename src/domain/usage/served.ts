/** How a provider says that it served a call. Empty = it did not say. */
export interface Served {
  model: string
  /** Only a gateway says so. */
  provider: string
  /** As the provider names it, in lower case. */
  serviceTier: string
  speed: string
  geography: string
  /** Perplexity's `low`, `medium` or `high`, which its fee for a request depends on. */
  searchContextSize: string
}

export const NOTHING_SERVED: Served = {
  model: '',
  provider: '',
  serviceTier: '',
  speed: '',
  geography: '',
  searchContextSize: '',
}
