/** The JSON body of a request; throws SyntaxError. */
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

export function sendEvent(response, message) {
  if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write(`data: ${JSON.stringify(message)}\n\n`)
}

/** Ends a response with an error in OpenAI's form, as an event where a stream has begun. */
export function fail(response, { status, error, headers }) {
  const body = JSON.stringify({ error: { param: null, code: null, ...error } })
  if (response.headersSent) return response.end(`data: ${body}\n\n`)
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body)
}
