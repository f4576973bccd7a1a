/** The facts in one chunk of a provider's stream, or in a whole answer. */
export interface ChunkFacts {
  /** The delivered text, reasoning and arguments of tool calls. */
  text: string
  /** The provider's usage object, if the chunk has one. */
  usage?: object
  /** All completion tokens so far, by the provider's count. */
  outputTokens?: number
  /** All prompt tokens, by the provider's count. */
  inputTokens?: number
  /**
   * What the provider states beside the usage and the price depends on: the model and the tier that
   * served the call, and the calls of its own tools. Named as in the provider's body.
   */
  served?: object
}

export type ChunkReader = (chunk: unknown) => ChunkFacts

/** The provider formats in which streams and answers can be read. */
export type MeteredFormat = 'openai.chat' | 'openai.responses' | 'anthropic.messages' | 'gemini'

export const CHUNK_READERS: Readonly<Record<MeteredFormat, ChunkReader>> = {
  'openai.chat': readOpenAiChat,
  'openai.responses': readOpenAiResponses,
  'anthropic.messages': readAnthropic,
  gemini: readGemini,
}

/**
 * https://platform.openai.com/docs/api-reference/chat-streaming. The last chunk has the usage if
 * `stream_options.include_usage` is set. A whole answer has messages instead of deltas.
 */
function readOpenAiChat(chunk: unknown): ChunkFacts {
  const texts = itemsOf(fieldOf(chunk, 'choices')).flatMap((choice) => {
    const delta = fieldOf(choice, 'delta') ?? fieldOf(choice, 'message')
    const calls = itemsOf(fieldOf(delta, 'tool_calls')).map((call) =>
      fieldOf(fieldOf(call, 'function'), 'arguments'),
    )
    return [
      fieldOf(delta, 'content'),
      fieldOf(delta, 'refusal'),
      // DeepSeek and OpenRouter add these fields to OpenAI's format.
      fieldOf(delta, 'reasoning_content') ?? fieldOf(delta, 'reasoning'),
      ...calls,
    ]
  })
  // Groq and Moonshot have places of their own for a stream's usage.
  const usage =
    fieldOf(chunk, 'usage') ??
    fieldOf(fieldOf(chunk, 'x_groq'), 'usage') ??
    fieldOf(itemsOf(fieldOf(chunk, 'choices'))[0], 'usage')
  return {
    ...facts(texts, usage, numberOf(usage, 'completion_tokens'), numberOf(usage, 'prompt_tokens')),
    ...servedBy(chunk, ['model', 'service_tier']),
  }
}

/**
 * https://platform.openai.com/docs/api-reference/responses-streaming. The event that ends the
 * response has the usage. A whole answer is that response.
 */
function readOpenAiResponses(event: unknown): ChunkFacts {
  const isDelta = String(fieldOf(event, 'type')).endsWith('.delta')
  const isAnswer = fieldOf(event, 'object') === 'response'
  const response = isAnswer ? event : fieldOf(event, 'response')
  const usage = fieldOf(response, 'usage')
  const texts = itemsOf(fieldOf(event, 'output')).flatMap((item) => [
    fieldOf(item, 'arguments'),
    ...itemsOf(fieldOf(item, 'content')).map((part) => fieldOf(part, 'text')),
  ])
  return {
    ...facts(
      isDelta ? [fieldOf(event, 'delta')] : isAnswer ? texts : [],
      usage,
      numberOf(usage, 'output_tokens'),
      numberOf(usage, 'input_tokens'),
    ),
    ...servedBy(response, ['model', 'service_tier', 'tool_usage'], toolCallsIn(response)),
  }
}

/** The calls of OpenAI's own tools, some of which have a fee, without what they found. */
function toolCallsIn(response: unknown): { output?: object[] } {
  const calls = itemsOf(fieldOf(response, 'output')).flatMap((item) => {
    const type = fieldOf(item, 'type')
    if (typeof type !== 'string' || !type.endsWith('_call') || type === 'function_call') return []
    const action = fieldOf(fieldOf(item, 'action'), 'type')
    const container = fieldOf(item, 'container_id')
    return [
      {
        type,
        ...(action !== undefined && { action: { type: action } }),
        ...(container !== undefined && { container_id: container }),
      },
    ]
  })
  return calls.length > 0 ? { output: calls } : {}
}

/**
 * https://docs.anthropic.com/en/docs/build-with-claude/streaming. The first event has the input
 * tokens, the last but one has the output tokens. A whole answer is a message.
 */
function readAnthropic(event: unknown): ChunkFacts {
  const delta = fieldOf(event, 'delta')
  const blocks = fieldOf(event, 'type') === 'message' ? itemsOf(fieldOf(event, 'content')) : []
  const texts = blocks.flatMap((block) => {
    const input = fieldOf(block, 'input')
    return [fieldOf(block, 'text'), fieldOf(block, 'thinking'), input && JSON.stringify(input)]
  })
  const usage = fieldOf(fieldOf(event, 'message'), 'usage') ?? fieldOf(event, 'usage')
  const input = numberOf(usage, 'input_tokens')
  const cached =
    (numberOf(usage, 'cache_read_input_tokens') ?? 0) + (numberOf(usage, 'cache_creation_input_tokens') ?? 0)
  return {
    ...facts(
      [...texts, fieldOf(delta, 'text'), fieldOf(delta, 'partial_json'), fieldOf(delta, 'thinking')],
      usage,
      numberOf(usage, 'output_tokens'),
      input === undefined ? undefined : input + cached,
    ),
    // The usage itself has the tier, the speed and the geography.
    ...servedBy(fieldOf(event, 'message') ?? event, ['model']),
  }
}

/**
 * https://ai.google.dev/api/generate-content#UsageMetadata. Every chunk has the usage, which counts
 * thoughts separately from candidates.
 */
function readGemini(chunk: unknown): ChunkFacts {
  const parts = itemsOf(fieldOf(chunk, 'candidates')).flatMap((candidate) =>
    itemsOf(fieldOf(fieldOf(candidate, 'content'), 'parts')),
  )
  const texts = parts.map((part) => {
    const call = fieldOf(part, 'functionCall')
    return call === undefined ? fieldOf(part, 'text') : JSON.stringify(call)
  })
  const usage = fieldOf(chunk, 'usageMetadata')
  const candidates = numberOf(usage, 'candidatesTokenCount')
  const thoughts = numberOf(usage, 'thoughtsTokenCount')
  const output =
    candidates === undefined && thoughts === undefined ? undefined : (candidates ?? 0) + (thoughts ?? 0)
  return {
    ...facts(texts, usage, output, numberOf(usage, 'promptTokenCount')),
    // The usage itself has the tier.
    ...servedBy(chunk, ['modelVersion'], searchesIn(chunk)),
  }
}

/** The searches of the web, which have a fee, as numbers instead of their queries. */
function searchesIn(chunk: unknown): object {
  const queries = itemsOf(fieldOf(chunk, 'candidates'))
    .flatMap((candidate) => itemsOf(fieldOf(fieldOf(candidate, 'groundingMetadata'), 'webSearchQueries')))
    .filter((query) => typeof query === 'string' && query.trim() !== '')
  const webSearchQueries = [...new Set(queries)].map((_, index) => `${index + 1}`)
  return queries.length > 0 ? { candidates: [{ groundingMetadata: { webSearchQueries } }] } : {}
}

function facts(
  texts: readonly unknown[],
  usage: unknown,
  outputTokens?: number,
  inputTokens?: number,
): ChunkFacts {
  return {
    text: texts.filter((text) => typeof text === 'string').join(''),
    ...(typeof usage === 'object' && usage !== null && { usage }),
    ...(outputTokens !== undefined && { outputTokens }),
    ...(inputTokens !== undefined && { inputTokens }),
  }
}

/** These fields of a body, where it has them. */
function servedBy(body: unknown, names: readonly string[], more: object = {}): { served?: object } {
  const stated = names.map((name) => [name, fieldOf(body, name)] as const)
  const served = {
    ...Object.fromEntries(stated.filter(([, value]) => value !== undefined && value !== '')),
    ...more,
  }
  return Object.keys(served).length > 0 ? { served } : {}
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  return (value as Record<string, unknown>)[name] ?? undefined
}

function itemsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function numberOf(value: unknown, name: string): number | undefined {
  const field = fieldOf(value, name)
  return typeof field === 'number' ? field : undefined
}
