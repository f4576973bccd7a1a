/** The JSON body of a request. */
export async function readJson(request) {
  let text = ''
  for await (const part of request.setEncoding('utf8')) text += part
  return JSON.parse(text)
}

/** The JSON of each server-sent event of a body, up to `[DONE]`. */
export async function* serverSentEvents(body) {
  let rest = ''
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split('\n')
    rest = lines.pop()
    for (const line of lines) {
      if (!line.startsWith('data:')) continue
      const data = line.slice('data:'.length).trim()
      if (data === '[DONE]') return
      yield JSON.parse(data)
    }
  }
}

const STATUS_OF_REASON = {
  INVALID_FIELD: 400,
  INSUFFICIENT_CREDITS: 402,
  TRIAL_LIMIT_REACHED: 402,
  USER_SUSPENDED: 403,
  USER_NOT_FOUND: 403,
  MODEL_PRICE_MISSING: 404,
  IDEMPOTENCY_KEY_REUSED: 409,
  DAILY_LIMIT_REACHED: 429,
}

/** What a caller is told when tollgate refused (by its reason) or can't be reached, or the provider failed. */
export function statusOf(error) {
  if (error.reason === undefined) return 502
  return STATUS_OF_REASON[error.reason] ?? 503
}

export function fail(response, status, message) {
  const error = JSON.stringify({ error: { message } })
  if (response.headersSent) return response.end(`data: ${error}\n\n`)
  response.writeHead(status, { 'content-type': 'application/json' }).end(error)
}
