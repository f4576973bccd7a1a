export interface FetchTextOptions {
  /** Of what is known already. */
  etag: string | undefined
  timeoutMs: number
  bytesMax: number
  signal: AbortSignal
}

/** Reads a text over HTTP, unless it is the one that is known. Throws where it takes too long or is too large. */
export async function fetchText(
  url: string,
  { etag, timeoutMs, bytesMax, signal }: FetchTextOptions,
): Promise<'unchanged' | { text: string; etag: string | undefined }> {
  const response = await fetch(url, {
    headers: { accept: 'application/json', ...(etag !== undefined && { 'if-none-match': etag }) },
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
  })
  if (response.status === 304) {
    await response.body?.cancel()
    return 'unchanged'
  }
  if (!response.ok) {
    await response.body?.cancel()
    throw new Error(`it answered HTTP ${response.status}`)
  }
  return { text: await textOf(response, bytesMax), etag: response.headers.get('etag') ?? undefined }
}

/** Counted as it comes in: a length that is announced can be wrong. */
async function textOf(response: Response, bytesMax: number): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength
    // Leaving the loop cancels the rest.
    if (bytes > bytesMax) throw new Error(`it is larger than ${bytesMax} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
