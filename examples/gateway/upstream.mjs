import { ProviderError } from './errors.mjs'
import { startFakeUpstream } from './fakeUpstream.mjs'

/** The provider that `OPENAI_BASE_URL` names, or else a fake one in this process. */
export async function connectUpstream({ OPENAI_BASE_URL, OPENAI_API_KEY = 'none' } = process.env) {
  const baseUrl = OPENAI_BASE_URL ?? (await startFakeUpstream())
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${OPENAI_API_KEY}` }
  return {
    baseUrl,
    /** Throws ProviderError. */
    async call(body, signal) {
      const answer = await fetch(`${baseUrl}/chat/completions`, {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
        ...(signal && { signal }),
      })
      if (!answer.ok) throw await ProviderError.of(answer)
      return answer
    },
  }
}
